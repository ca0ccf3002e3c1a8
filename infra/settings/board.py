"""What the board itself is told, and the cluster it is deployed to."""

from dataclasses import dataclass

from infra import sizes
from infra.settings import kinds
from infra.settings.declared import declare, declare_boards
from service.base.values import Number


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Where the board is deployed, and what is pulled."""

    image: str = declare(
        "image",
        kinds.Image("image"),
        "",
        "The board's image with its exact tag, and better its digest too",
    )
    dev: bool = declare(
        "dev",
        kinds.flag,
        False,
        "A cluster to try things on; any tag and a single replica are allowed",
    )
    context: str = declare(
        "context", str, "", "The kubeconfig's context to deploy to; the current one if empty"
    )
    cluster: str = declare(
        "cluster",
        str,
        "",
        "The uid of kube-system, noted by the first `pdm run up`; no context may lead elsewhere",
    )
    namespace: str = declare(
        "namespace",
        kinds.name,
        "htmx-fastapi",
        "The namespace that is created for the board, and stays",
    )
    protect: bool = declare(
        "protect",
        kinds.flag,
        True,
        "Refuses to delete namespace, volumes and secrets until they are unprotected",
    )
    image_pull_secret: str = declare(
        "imagePullSecret",
        kinds.name_there,
        "",
        "A kubernetes.io/dockerconfigjson secret in the namespace, with which all images are "
        "pulled; a change restarts PostgreSQL",
    )
    dns_namespace: str = declare(
        "dnsNamespace",
        kinds.name,
        "kube-system",
        "Where the cluster's DNS runs, for the network policies",
    )
    dns_labels: dict[str, str] = declare(
        "dnsLabels",
        kinds.labels,
        "k8s-app=kube-dns",
        "Labels of the DNS's pods, as name=value, separated by commas; all pods of that "
        "namespace if empty",
    )


@dataclass(frozen=True, kw_only=True)
class Board:
    """The board's pods, and their settings."""

    host: str = declare(
        "host",
        kinds.host,
        "localhost",
        "The name people type, for the Ingress, the HTTPRoute and the URL; while it is "
        "localhost, `pdm run up` tells a node's address",
    )
    path: str = declare(
        "path",
        kinds.path,
        "",
        "The path below which people find the board, such as /board, where the host is shared "
        "with others",
    )
    board_name: str = declare_boards("boardName", "board_name")
    replicas: int = declare(
        "replicas", Number(1, sizes.MOST_REPLICAS), 2, "Pods of the board; 2 or more outside dev"
    )
    max_replicas: int = declare(
        "maxReplicas",
        Number(0, sizes.MOST_REPLICAS),
        0,
        "More than replicas adds a HorizontalPodAutoscaler up to this many; it needs "
        "metrics-server",
    )
    workers: int = declare_boards("workers", "workers", "Worker processes per pod")
    streams_total: int = declare_boards("streamsTotal", "streams_total")
    streams_per_user: int = declare_boards("streamsPerUser", "streams_per_user")
    log_level: str = declare_boards("logLevel", "log_level")
    secret_key: str = declare(
        "secretKey",
        kinds.long_keys,
        "",
        "Signs the sessions; made once if empty, and set with --secret",
        secret=True,
    )
    smtp_url: str = declare(
        "smtpUrl",
        kinds.smtp_url,
        "",
        "The server that takes the board's mail, as SMTP_URL in the README; set with --secret, and "
        "with host",
        secret=True,
    )
    pod_networks: tuple[str, ...] = declare(
        "podNetworks",
        kinds.networks,
        "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,fc00::/7",
        "Where nginx's pods have their addresses; the board believes X-Forwarded-* from there",
    )
