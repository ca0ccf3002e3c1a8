"""The board itself: its pods, their Service, and how they come and go."""

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.autoscaling.v2 import HorizontalPodAutoscaler
from pulumi_kubernetes.core.v1 import (
    ContainerArgsDict,
    PodSpecArgsDict,
    Service,
    ServiceSpecArgsDict,
    VolumeArgsDict,
    VolumeProjectionArgsDict,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict

from infra import cache, database, keys, rollout, sizes
from infra.environment import METRICS_PORT, PORT, Environment
from infra.pods import (
    BOARD_USER,
    READABLE,
    SECRETS,
    env,
    get,
    labels,
    mount,
    named,
    pod,
    scratch,
)
from infra.settings import Settings

NAME = "web"
METRICS = "metrics"  # the port of that name
DRAIN = 3  # seconds at most that the board takes to end its streams and requests
MARGIN = 7
BUSY = 70  # percent of the requested CPU above which the autoscaler adds a pod


class Web(pulumi.ComponentResource):
    """The board's Deployment, which never has fewer pods than it should."""

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        serving: PodSpecArgsDict,
        migrated_by: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Web", NAME, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # From the Job, so that no pod of a new release starts before it is through.
        after: ObjectMetaArgsDict = {"annotations": {"board/migrated-by": migrated_by}}
        # How many there are at first. If that is the autoscaler's later, it stays so at each `up`:
        # left out, the number would fall to one.
        counted = pulumi.ResourceOptions(
            parent=self, ignore_changes=["spec.replicas"] if settings.max_replicas else None
        )
        self.deployment = Deployment(
            NAME,
            metadata=named(NAME, namespace),
            spec=rollout.deployment(NAME, settings.replicas, serving, after),
            opts=counted,
        )
        rollout.budget(NAME, namespace, child)
        service = Service(NAME, metadata=named(NAME, namespace), spec=_service(), opts=child)
        if settings.max_replicas:
            _autoscale(settings, namespace, self.deployment, child)
        self.service: pulumi.Output[str] = service.metadata.name
        self.register_outputs({"service": self.service})


def _service() -> ServiceSpecArgsDict:
    return {
        "type": "ClusterIP",
        "selector": labels(NAME),
        "ports": [{"name": "http", "port": PORT, "target_port": "http", "protocol": "TCP"}],
    }


def serve(
    settings: Settings,
    environment: Environment,
    secrets: list[pulumi.Output[str]],
) -> PodSpecArgsDict:
    """Return a pod that serves the board with these settings, and the Secrets of these names."""
    sources: list[VolumeProjectionArgsDict] = [{"secret": {"name": name}} for name in secrets]
    held: VolumeArgsDict = {
        "name": "secrets",
        "projected": {
            "default_mode": READABLE,
            "sources": [*sources, *environment.authorities],
        },
    }
    volumes = [held, scratch("tmp", "256Mi")]
    made = pod(BOARD_USER, _container(settings, environment.config), volumes, settings)
    return rollout.lasting(NAME, made, DRAIN + MARGIN)


def _container(settings: Settings, config: pulumi.Output[str]) -> ContainerArgsDict:
    return {
        "name": NAME,
        "image": settings.image,
        "args": ["serve"],
        "env_from": [{"config_map_ref": {"name": config}}],
        "env": env(**{name: f"{SECRETS}/{file}" for name, file in _in_files(settings).items()}),
        "ports": [
            {"name": name, "container_port": port, "protocol": "TCP"}
            for name, port in _ports(settings).items()
        ],
        "startup_probe": get("/healthz", seconds=1, failures=120),
        "readiness_probe": get("/readyz", seconds=5, failures=2),
        "liveness_probe": get("/healthz", seconds=10, failures=3),
        "lifecycle": rollout.LEAVING,
        "resources": sizes.WEB.resources,
        "volume_mounts": [
            mount("secrets", SECRETS, read_only=True),
            mount("tmp", "/tmp"),  # noqa: S108
        ],
    }


def _ports(settings: Settings) -> dict[str, int]:
    return {"http": PORT, **({METRICS: METRICS_PORT} if settings.is_monitored else {})}


def _in_files(settings: Settings) -> dict[str, str]:
    """Return which settings name a file with a secret, and what that is called."""
    return {
        "SECRET_KEY_FILE": keys.FILE,
        "DATABASE_URL_FILE": database.FILE,
        **({"SMTP_URL_FILE": keys.SMTP_FILE} if settings.smtp_url else {}),
        **({"REDIS_URL_FILE": cache.FILE} if settings.cache != "none" else {}),
        **{f"{name}_FILE": name for name in settings.provider_secrets},
    }


def _autoscale(
    settings: Settings,
    namespace: pulumi.Output[str],
    deployment: Deployment,
    opts: pulumi.ResourceOptions,
) -> None:
    HorizontalPodAutoscaler(
        NAME,
        metadata=named(NAME, namespace),
        spec={
            "scale_target_ref": {
                "api_version": "apps/v1",
                "kind": "Deployment",
                "name": deployment.metadata.name,
            },
            "min_replicas": settings.replicas,
            "max_replicas": settings.max_replicas,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {
                        "name": "cpu",
                        "target": {"type": "Utilization", "average_utilization": BUSY},
                    },
                }
            ],
        },
        opts=opts,
    )
