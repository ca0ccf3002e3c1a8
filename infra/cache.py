"""The Redis or Valkey that the pods of the board share: one of its own, or one elsewhere.

Nothing is kept in it. So it is one pod without a volume, nothing waits for it, and while it is
away the pods look at the database once a second and count limits each for itself.
"""

import hashlib

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.core.v1 import (
    ContainerArgsDict,
    PodSpecArgsDict,
    Secret,
    Service,
    ServiceSpecArgsDict,
)

from infra import rollout, sizes
from infra.keys import PASSWORD_LENGTH, make
from infra.pods import VALKEY_USER, ask, labels, mount, named, pod, scratch, secret_volume
from infra.settings import REDIS_PORT, Settings

NAME = "valkey"
FILE = "redis-url"
USER = "board"
USERS = "users.acl"
SECRETS = "/run/secrets/valkey"
MAY = "~board:* &board:* +eval +get +set +time +publish +subscribe"  # as the README has it
END = 5  # seconds; it has nothing to save
# It answers, if only that it does not know who asks: so no probe needs a password.
ALIVE = ["valkey-cli", "ping"]
COMMAND = [
    "valkey-server",
    *("--aclfile", f"{SECRETS}/{USERS}"),
    *("--save", "", "--appendonly", "no", "--dir", "/tmp"),  # noqa: S108
    # What ends soonest goes first when memory is short: a counter near its end.
    *("--maxmemory", f"{sizes.VALKEY_HOLDS}mb", "--maxmemory-policy", "volatile-ttl"),
]


class Cache(pulumi.ComponentResource):
    """A Secret that says where it is; of `valkey` the server, too."""

    def __init__(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:Cache", "cache", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        if settings.cache == "valkey":
            # Whoever loses it makes another: nothing is kept behind it.
            password = make("valkey-password", PASSWORD_LENGTH, self, protect=False)
            _serve(settings, namespace, password, child)
            # Not from the Service, which is waited for: the board serves without it as well.
            url = pulumi.Output.concat("redis://", USER, ":", password, f"@{NAME}:{REDIS_PORT}")
        else:
            url = pulumi.Output.secret(settings.redis_url)
        secret = Secret(
            FILE, metadata={"namespace": namespace}, string_data={FILE: url}, opts=child
        )
        self.secret: pulumi.Output[str] = secret.metadata.name
        self.register_outputs({"secret": self.secret})


def _serve(
    settings: Settings,
    namespace: pulumi.Output[str],
    password: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Make the server, which knows of the password no more than its hash."""
    users = Secret(
        "valkey-users",
        metadata={"namespace": namespace},
        string_data={USERS: password.apply(_users)},
        opts=opts,
    )
    Deployment(
        NAME,
        metadata=named(NAME, namespace),
        spec=rollout.deployment(NAME, 1, _pod(settings, users.metadata.name)),
        opts=opts,
    )
    Service(NAME, metadata=named(NAME, namespace), spec=_service(), opts=opts)


def _users(password: str) -> str:
    """Return who may do what: the board what it does, nobody else anything.

    Source: https://valkey.io/topics/acl/
    """
    known_by = hashlib.sha256(password.encode()).hexdigest()
    return f"user default off\nuser {USER} on #{known_by} {MAY}\n"


def _pod(settings: Settings, users: pulumi.Output[str]) -> PodSpecArgsDict:
    volumes = [secret_volume("users", users), scratch("tmp", "16Mi")]
    return {
        **pod(VALKEY_USER, _container(settings), volumes, settings),
        "termination_grace_period_seconds": rollout.LEAVE + END,
    }


def _container(settings: Settings) -> ContainerArgsDict:
    return {
        "name": NAME,
        "image": settings.valkey_image,
        "command": COMMAND,
        "ports": [{"name": NAME, "container_port": REDIS_PORT, "protocol": "TCP"}],
        "startup_probe": ask(ALIVE, seconds=1, failures=60),
        "readiness_probe": ask(ALIVE, seconds=5, failures=2),
        "liveness_probe": ask(ALIVE, seconds=10, failures=3),
        "lifecycle": rollout.LEAVING,
        "resources": sizes.VALKEY.resources,
        "volume_mounts": [
            mount("users", SECRETS, read_only=True),
            mount("tmp", "/tmp"),  # noqa: S108
        ],
    }


def _service() -> ServiceSpecArgsDict:
    return {
        "type": "ClusterIP",
        "selector": labels(NAME),
        "ports": [{"name": NAME, "port": REDIS_PORT, "target_port": NAME, "protocol": "TCP"}],
    }
