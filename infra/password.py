"""How the board signs in at its own PostgreSQL, and how its password is changed under way.

At first it is the role `board`, which owns everything. Each later password has a role of its own
that acts as `board`: the one before is let in until all pods have the new one, and then no more.
"""

import pulumi
from pulumi_kubernetes.batch.v1 import Job
from pulumi_kubernetes.core.v1 import ContainerArgsDict, PodSpecArgsDict, Secret

from infra import sizes
from infra.keys import PASSWORD_LENGTH, make
from infra.pods import (
    POSTGRES_USER,
    env,
    labels,
    mount,
    pod,
    scratch,
    secret_volume,
)
from infra.settings import Settings

OWNER = "board"
COMPONENT = "login"
SECRETS = "/run/secrets/login"
DEADLINE = 5 * 60  # seconds
PSQL = (
    f'export PGPASSWORD="$(cat {SECRETS}/superuser)"; printf %s "$SQL" | psql --no-psqlrc -q '
    '-v ON_ERROR_STOP=1 -v login="$LOGIN" -h postgres -U postgres -d board'
)
GIVE = r"""\set password `cat /run/secrets/login/board`
SELECT format('CREATE ROLE %I', :'login')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'login') \gexec
GRANT board TO :"login";
ALTER ROLE :"login" SET role TO board;
ALTER ROLE :"login" LOGIN PASSWORD :'password';
"""
SHUT = r"""SELECT format('ALTER ROLE %I NOLOGIN PASSWORD NULL', rolname) FROM pg_roles
WHERE rolcanlogin AND rolname ~ '^board(_[0-9]+)?$' AND rolname <> :'login' \gexec
"""


def role(settings: Settings) -> str:
    """Return the role that the board signs in as."""
    number = settings.database_password_number
    return OWNER if number == 1 else f"{OWNER}_{number}"


class NewPassword(pulumi.ComponentResource):
    """A password after the first one; the state and the cluster call it a login."""

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        superuser: pulumi.Output[str],
        database: pulumi.Resource,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Login", COMPONENT, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        name = f"board-password-{settings.database_password_number}"
        made = make(name, PASSWORD_LENGTH, self, protect=False)  # whoever lost it makes the next
        secret = Secret(
            COMPONENT,
            metadata={"namespace": namespace},
            string_data={"board": made, "superuser": superuser},
            opts=child,
        )
        self._settings, self._namespace, self._secret = settings, namespace, secret.metadata.name
        given = self._job("give-login", GIVE, [database])
        # From the Job, so that nobody uses the password before PostgreSQL knows it.
        self.value: pulumi.Output[str] = pulumi.Output.all(made, given.metadata.name).apply(
            lambda both: both[0]
        )
        self.register_outputs({})

    def refuse_others(self, users: list[pulumi.Resource]) -> None:
        """Refuse the passwords before as soon as these have the new one; who is in stays in."""
        self._job("shut-logins", SHUT, users)

    def _job(self, name: str, sql: str, after: list[pulumi.Resource]) -> Job:
        return Job(
            name,
            metadata={
                "namespace": self._namespace,
                "labels": labels(COMPONENT),
                "annotations": {"pulumi.com/replaceUnready": "true"},
            },
            spec={
                "backoff_limit": 2,
                "active_deadline_seconds": DEADLINE,
                "template": {
                    "metadata": {"labels": labels(COMPONENT)},
                    "spec": _pod(sql, self._settings, self._secret),
                },
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )


def _pod(sql: str, settings: Settings, secret: pulumi.Output[str]) -> PodSpecArgsDict:
    container: ContainerArgsDict = {
        "name": COMPONENT,
        "image": settings.postgres_image,
        "command": ["sh", "-c", PSQL],
        "env": env(SQL=sql, LOGIN=role(settings)),
        "resources": sizes.TASK.resources,
        "volume_mounts": [
            mount("secrets", SECRETS, read_only=True),
            mount("tmp", "/tmp"),  # noqa: S108
        ],
    }
    volumes = [secret_volume("secrets", secret), scratch("tmp", "16Mi")]
    return {**pod(POSTGRES_USER, container, volumes, settings), "restart_policy": "Never"}
