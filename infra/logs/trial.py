"""One Elasticsearch to try it with: no second node, no TLS, and no backup."""

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet, StatefulSetSpecArgsDict
from pulumi_kubernetes.core.v1 import (
    ContainerArgsDict,
    PodSpecArgsDict,
    ProbeArgsDict,
    Secret,
    Service,
    ServiceSpecArgsDict,
    VolumeArgsDict,
)

from infra import sizes
from infra.keys import PASSWORD_LENGTH, make
from infra.pods import RESTRICTED, env, labels, mount, named, pod, scratch, secret_volume
from infra.settings import Settings
from infra.volumes import claim

NAME = "elasticsearch"
USER = 1000  # in the image
PORT = 9200
ADDRESS = f"http://{NAME}:{PORT}"
HOME = "/usr/share/elasticsearch"
SECRETS = "/run/secrets/elasticsearch"
# Its entry point takes the password from the environment, or from a file of its very own.
START = (
    f"ELASTIC_PASSWORD=$(cat {SECRETS}/password) "
    "exec /bin/tini -- /usr/local/bin/docker-entrypoint.sh eswrapper"
)
SETTINGS = {
    "discovery.type": "single-node",
    "xpack.security.enabled": "true",
    "xpack.security.http.ssl.enabled": "false",
    "xpack.ml.enabled": "false",
    "ingest.geoip.downloader.enabled": "false",  # it may reach nobody
    # Or the node's vm.max_map_count had to be raised, by somebody who may.
    "node.store.allow_mmap": "false",
    "ES_JAVA_OPTS": "-Xms512m -Xmx512m -Xlog:disable -Xlog:all=warning:stderr:utctime,level,tags",
}


class Trial(pulumi.ComponentResource):
    """A StatefulSet of one; `output` is how to sign in to it."""

    def __init__(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:Elasticsearch", NAME, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        password = make("elastic-password", PASSWORD_LENGTH, self, protect=False)
        secret = Secret(
            NAME,
            metadata={"namespace": namespace, "labels": labels(NAME)},
            string_data={"password": password},
            opts=child,
        )
        data = claim(NAME, settings.elasticsearch_storage, settings, namespace, self, protect=False)
        service = Service(NAME, metadata=named(NAME, namespace), spec=_service(), opts=child)
        volumes = _volumes(data.metadata.name, secret.metadata.name)
        StatefulSet(
            NAME,
            metadata=named(NAME, namespace),
            spec=_spec(service.metadata.name, _pod(settings, volumes)),
            opts=child,
        )
        self.output: dict[str, pulumi.Input[str]] = {"username": "elastic", "password": password}
        self.register_outputs({})


def _service() -> ServiceSpecArgsDict:
    return {
        "cluster_ip": "None",
        "selector": labels(NAME),
        "ports": [{"name": "http", "port": PORT, "target_port": "http", "protocol": "TCP"}],
    }


def _spec(service: pulumi.Output[str], made: PodSpecArgsDict) -> StatefulSetSpecArgsDict:
    return {
        "replicas": 1,
        "pod_management_policy": "Parallel",  # see postgres.py
        "service_name": service,
        "selector": {"match_labels": labels(NAME)},
        "template": {"metadata": {"labels": labels(NAME)}, "spec": made},
    }


def _pod(settings: Settings, volumes: list[VolumeArgsDict]) -> PodSpecArgsDict:
    made = pod(USER, _container(settings), volumes, settings)
    return {
        **made,
        "init_containers": [_copying(settings)],
        "termination_grace_period_seconds": 60,
    }


def _copying(settings: Settings) -> ContainerArgsDict:
    """Return what fills the folder of the configuration, to which its start adds the password."""
    return {
        "name": "copy",
        "image": settings.elasticsearch_image,
        "command": ["cp", "-r", f"{HOME}/config/.", "/config"],
        "image_pull_policy": "IfNotPresent",
        "security_context": RESTRICTED,
        "termination_message_policy": "FallbackToLogsOnError",
        "resources": sizes.ELASTICSEARCH.resources,
        "volume_mounts": [mount("config", "/config"), mount("tmp", "/tmp")],  # noqa: S108
    }


def _container(settings: Settings) -> ContainerArgsDict:
    return {
        "name": NAME,
        "image": settings.elasticsearch_image,
        "command": ["bash", "-c", START],
        "env": env(**SETTINGS),
        "ports": [{"name": "http", "container_port": PORT, "protocol": "TCP"}],
        "startup_probe": _open(seconds=5, failures=100),
        "readiness_probe": _open(seconds=5, failures=3),
        "liveness_probe": _open(seconds=10, failures=6),
        "resources": sizes.ELASTICSEARCH.resources,
        "volume_mounts": [
            mount("config", f"{HOME}/config"),
            mount("data", f"{HOME}/data"),
            mount("logs", f"{HOME}/logs"),
            mount("secrets", SECRETS, read_only=True),
            mount("tmp", "/tmp"),  # noqa: S108
        ],
    }


def _open(seconds: int, failures: int) -> ProbeArgsDict:
    """Look whether it listens: what it answers wants a password."""
    return {
        "tcp_socket": {"port": "http"},
        "period_seconds": seconds,
        "timeout_seconds": 5,
        "failure_threshold": failures,
    }


def _volumes(data: pulumi.Output[str], secret: pulumi.Output[str]) -> list[VolumeArgsDict]:
    return [
        {"name": "data", "persistent_volume_claim": {"claim_name": data}},
        secret_volume("secrets", secret),
        scratch("config", "16Mi"),
        scratch("logs", "256Mi"),
        scratch("tmp", "256Mi"),
    ]
