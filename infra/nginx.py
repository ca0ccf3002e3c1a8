"""nginx before the board: the files of `nginx/`, two of them made here, and a node port."""

import re
from pathlib import Path

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ContainerArgsDict,
    KeyToPathArgsDict,
    PodSpecArgsDict,
    SecretProjectionArgsDict,
    Service,
    ServicePortArgsDict,
    ServiceSpecArgsDict,
    VolumeArgsDict,
    VolumeProjectionArgsDict,
)

from infra import environment, rollout, sizes
from infra.pods import READABLE, get, labels, mount, named, pod, scratch
from infra.settings import Settings

NAME = "nginx"
USER = 101  # in the unprivileged image
PORT = 8080
TLS_PORT = 8443
FILES = Path(__file__).parent.parent / "nginx"
FOLDER = "/etc/nginx/board"
HEALTH = "/nginx-healthz"
OPEN_STREAMS = 25  # seconds for what is under way; pages follow their streams to another pod


class Nginx(pulumi.ComponentResource):
    """The only way in: rate limits, compression and caches, as tested with `nginx/nginx.conf`."""

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        upstream: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Nginx", NAME, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        config = ConfigMap(
            NAME,
            metadata={"namespace": namespace},
            data=_files(settings, upstream),
            opts=child,
        )
        serving = _pod(settings, config.metadata.name)
        Deployment(
            NAME,
            metadata=named(NAME, namespace),
            spec=rollout.deployment(NAME, settings.nginx_replicas, serving),
            opts=child,
        )
        rollout.budget(NAME, namespace, child)
        service = Service(
            NAME, metadata=named(NAME, namespace), spec=_service(settings), opts=child
        )
        self.service: pulumi.Output[str] = service.metadata.name
        self.register_outputs({"service": self.service})


def _files(settings: Settings, upstream: pulumi.Output[str]) -> dict[str, pulumi.Input[str]]:
    """Return the configuration in `nginx/` as it stands, but for the four that name addresses."""
    if not (FILES / "nginx.conf").is_file():
        raise pulumi.RunError("nginx/nginx.conf is missing: run this in a whole checkout.")
    found = {file.name: file.read_text() for file in sorted(FILES.glob("*.conf"))}
    # Twice, so that a request that failed on one connection is tried on another; never given
    # up, for behind the one address are all pods.
    server = pulumi.Output.format("server {}:{} max_fails=0;\n", upstream, environment.PORT)
    trusted = "".join(f"set_real_ip_from {network};\n" for network in settings.trusted_proxies)
    schemes = "".join(f"{network} 1;\n" for network in settings.trusted_proxies)
    return {
        **found,
        "upstream.conf": pulumi.Output.concat(server, server),
        "trusted-proxies.conf": trusted or "# none\n",
        "trusted-schemes.conf": schemes or "# none\n",
        "public-path.conf": f'default "{settings.path}";\n',
        **_local(settings),
    }


def _local(settings: Settings) -> dict[str, str]:
    """Return what the server is told beside its files: where plain HTTP is sent on to."""
    if not settings.tls_secret:
        return {}
    if settings.ingress or settings.gateway:  # the edge decides, and asks by plain HTTP
        return {"local.conf": 'set $to_https "";\n'}
    plain, tls = settings.node_port, settings.node_port_tls
    if not (plain and tls):
        return {}
    return {"local.conf": f'if ($http_host ~ ":{plain}$") {{ set $https_port :{tls}; }}\n'}


def _pod(settings: Settings, config: pulumi.Output[str]) -> PodSpecArgsDict:
    volumes = [_volume(settings, config), scratch("tmp", "256Mi")]
    made = pod(USER, _container(settings), volumes, settings)
    return rollout.lasting(NAME, made, OPEN_STREAMS)


def _volume(settings: Settings, config: pulumi.Output[str]) -> VolumeArgsDict:
    # One volume: no other can be mounted inside it, for a ConfigMap's is read-only.
    sources: list[VolumeProjectionArgsDict] = [{"config_map": {"name": config}}]
    if settings.tls_secret:
        certificate: list[KeyToPathArgsDict] = [
            {"key": name, "path": f"tls/{name}"} for name in ("tls.crt", "tls.key")
        ]
        # It may come later, even from what this very run makes: nginx takes it when it is there.
        given: SecretProjectionArgsDict = {"name": settings.tls_secret, "items": certificate}
        sources.append({"secret": {**given, "optional": True}})
    return {"name": "board", "projected": {"default_mode": READABLE, "sources": sources}}


def _container(settings: Settings) -> ContainerArgsDict:
    ports = {"http": PORT, "https": TLS_PORT} if settings.tls_secret else {"http": PORT}
    return {
        "name": NAME,
        "image": settings.nginx_image,
        # Not the image's entry point, which edits files in a root that is read-only here.
        "command": ["nginx", "-c", f"{FOLDER}/nginx.conf", *_foreground()],
        "working_dir": FOLDER,  # where it looks whether there is a certificate
        "ports": [
            {"name": name, "container_port": port, "protocol": "TCP"}
            for name, port in ports.items()
        ],
        "startup_probe": get(HEALTH, seconds=1, failures=60),
        "readiness_probe": get(HEALTH, seconds=5, failures=2),
        "liveness_probe": get(HEALTH, seconds=10, failures=3),
        "lifecycle": rollout.LEAVING,
        "resources": sizes.NGINX.resources,
        "volume_mounts": [
            mount("board", FOLDER, read_only=True),
            mount("tmp", "/tmp"),  # noqa: S108
        ],
    }


def _foreground() -> list[str]:
    """Return the option that keeps nginx in the foreground, if its file does not say so."""
    said = re.search(r"^\s*daemon\s+off;", (FILES / "nginx.conf").read_text(), re.MULTILINE)
    return [] if said else ["-g", "daemon off;"]


def _service(settings: Settings) -> ServiceSpecArgsDict:
    ports = [_port("http", 80, settings.node_port)]
    if settings.tls_secret:
        ports.append(_port("https", 443, settings.node_port_tls))
    spec: ServiceSpecArgsDict = {"type": "ClusterIP", "selector": labels(NAME), "ports": ports}
    if any("node_port" in port for port in ports):
        # Local, so that nginx sees who asks: its limits are per address.
        spec |= {"type": "NodePort", "external_traffic_policy": "Local"}
    return spec


def _port(name: str, port: int, node_port: int) -> ServicePortArgsDict:
    made: ServicePortArgsDict = {
        "name": name,
        "port": port,
        "target_port": name,
        "protocol": "TCP",
    }
    if node_port:
        made["node_port"] = node_port
    return made
