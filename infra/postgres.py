"""PostgreSQL as a StatefulSet of one, on a claim that is not its own."""

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet, StatefulSetSpecArgsDict
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ContainerArgsDict,
    Secret,
    Service,
    ServiceSpecArgsDict,
    VolumeArgsDict,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict

from infra import sizes
from infra.keys import PASSWORD_LENGTH, make
from infra.password import NewPassword, role
from infra.pods import (
    POSTGRES_USER,
    ask,
    env,
    labels,
    mount,
    named,
    pod,
    scratch,
    secret_volume,
)
from infra.settings import POSTGRES_PORT, Settings
from infra.volumes import claim

NAME = "postgres"
SECRETS = "/run/secrets/postgres"
PATIENCE = 6 * 3600  # seconds

# Over TCP: while the database is made, a server answers on the socket alone.
READY = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(POSTGRES_PORT)]
# Whatever answers is alive: with 1 it says that it takes nobody yet, as during a recovery.
ALIVE = ["sh", "-c", f"{' '.join(READY)}; test $? -le 1"]

# The board owns its database and is no superuser: who takes it over runs no programs here.
FIRST_START = rf"""\set password `cat {SECRETS}/board`
CREATE ROLE board LOGIN PASSWORD :'password';
CREATE DATABASE board OWNER board;
REVOKE ALL ON DATABASE board FROM PUBLIC;
"""
# The built-in locale sorts the same after any upgrade of the image's libraries.
INITDB = (
    "--locale-provider=builtin --builtin-locale=C.UTF-8 --encoding=UTF8 "
    "--auth-local=peer --auth-host=scram-sha-256"
)


class Postgres(pulumi.ComponentResource):
    """A PostgreSQL of one pod; the claim is the stack's, so that a new pod takes it up."""

    def __init__(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:Postgres", NAME, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metadata: ObjectMetaArgsDict = {"namespace": namespace}
        passwords = {
            name: make(f"{name}-password", PASSWORD_LENGTH, self, protect=settings.protect)
            for name in ("board", "superuser")
        }
        secret = Secret("postgres-passwords", metadata=metadata, string_data=passwords, opts=child)
        first_start = ConfigMap(
            "postgres-first-start", metadata=metadata, data={"board.sql": FIRST_START}, opts=child
        )
        data = claim(NAME, settings.database_storage, settings, namespace, self)
        volumes = _volumes(data.metadata.name, secret.metadata.name, first_start.metadata.name)
        service = Service(NAME, metadata=named(NAME, namespace), spec=_service(), opts=child)
        server = StatefulSet(
            NAME,
            metadata=named(NAME, namespace),
            spec=_spec(settings, service.metadata.name, volumes),
            opts=child,
        )
        password = passwords["board"]
        self.new_password: NewPassword | None = None
        if settings.database_password_number > 1:
            superuser = passwords["superuser"]
            self.new_password = NewPassword(settings, namespace, superuser, server, child)
            password = self.new_password.value
        # From the StatefulSet, so that whoever uses the URL waits until the database answers. It
        # has no certificate: the network policies alone keep others away.
        self.url = pulumi.Output.format(
            "postgresql://{}:{}@{}:{}/board?sslmode=disable",
            role(settings),
            password,
            server.spec.service_name,
            POSTGRES_PORT,
        )
        self.register_outputs({})


def _service() -> ServiceSpecArgsDict:
    return {
        "cluster_ip": "None",
        "selector": labels(NAME),
        "ports": [{"name": NAME, "port": POSTGRES_PORT, "target_port": NAME, "protocol": "TCP"}],
    }


def _spec(
    settings: Settings, service: pulumi.Output[str], volumes: list[VolumeArgsDict]
) -> StatefulSetSpecArgsDict:
    made = pod(POSTGRES_USER, _container(settings), volumes, settings)
    return {
        "replicas": 1,
        # In order, a pod that never got ready would be kept for ever, whatever the template says
        # by now (kubernetes#67250).
        "pod_management_policy": "Parallel",
        "service_name": service,
        "selector": {"match_labels": labels(NAME)},
        "template": {
            "metadata": {"labels": labels(NAME)},
            "spec": {**made, "termination_grace_period_seconds": 60},
        },
    }


def _volumes(
    data: pulumi.Output[str], passwords: pulumi.Output[str], first_start: pulumi.Output[str]
) -> list[VolumeArgsDict]:
    return [
        {"name": "data", "persistent_volume_claim": {"claim_name": data}},
        secret_volume("passwords", passwords),
        {"name": "first-start", "config_map": {"name": first_start}},
        scratch("run", "1Mi"),
        scratch("tmp", "16Mi"),
        # A part of the memory limit; what a container has by itself is 64 MiB for all queries.
        {"name": "shared-memory", "empty_dir": {"medium": "Memory", "size_limit": "256Mi"}},
    ]


def _container(settings: Settings) -> ContainerArgsDict:
    return {
        "name": NAME,
        "image": settings.postgres_image,
        "args": ["postgres", "-c", f"max_connections={settings.database_connections}"],
        "env": env(
            POSTGRES_PASSWORD_FILE=f"{SECRETS}/superuser",
            POSTGRES_INITDB_ARGS=INITDB,
        ),
        "ports": [{"name": NAME, "container_port": POSTGRES_PORT, "protocol": "TCP"}],
        # As long as its process lives: to recover or to make the files may take hours.
        "startup_probe": ask(ALIVE, seconds=2, failures=PATIENCE // 2),
        "readiness_probe": ask(READY, seconds=2, failures=5),
        "liveness_probe": ask(ALIVE, seconds=10, failures=6),
        "resources": sizes.POSTGRES.resources,
        "volume_mounts": [
            mount("data", "/var/lib/postgresql"),
            mount("passwords", SECRETS, read_only=True),
            mount("first-start", "/docker-entrypoint-initdb.d", read_only=True),
            mount("run", "/var/run/postgresql"),
            mount("tmp", "/tmp"),  # noqa: S108
            mount("shared-memory", "/dev/shm"),  # noqa: S108
        ],
    }
