"""What is told of the ways in: nginx, and what may stand before it."""

from dataclasses import dataclass

from infra import sizes
from infra.settings import kinds
from infra.settings.declared import declare
from service.base.values import Number


@dataclass(frozen=True, kw_only=True)
class Nginx:
    """nginx, which everybody comes through."""

    nginx_image: str = declare(
        "nginxImage",
        kinds.Image("nginxImage"),
        "nginxinc/nginx-unprivileged:1.30.4-alpine3.24-slim",
        "The image of nginx",
    )
    nginx_replicas: int = declare(
        "nginxReplicas",
        Number(1, sizes.MOST_NGINX_REPLICAS),
        2,
        "Pods of nginx; a node without one does not answer on the node port, so one for each "
        "such node",
    )
    node_port: int = declare(
        "nodePort",
        kinds.node_port,
        30080,
        "nginx on every node that runs it, 30000-32767; 0 for none",
    )
    node_port_tls: int = declare(
        "nodePortTls", kinds.node_port, 30443, "The same for HTTPS, with tlsSecret only"
    )
    tls_secret: str = declare(
        "tlsSecret",
        kinds.name_there,
        "",
        "A kubernetes.io/tls secret in the namespace with which nginx itself serves HTTPS",
    )
    trusted_proxies: tuple[str, ...] = declare(
        "trustedProxies",
        kinds.networks,
        "",
        "Networks whose X-Forwarded-For nginx believes, such as the Ingress controller's pods",
    )


@dataclass(frozen=True, kw_only=True)
class Edge:
    """An Ingress or a Gateway before nginx."""

    ingress: bool = declare("ingress", kinds.flag, False, "Adds an Ingress for host")
    ingress_class: str = declare(
        "ingressClass", kinds.name_there, "", "The Ingress's class; the cluster's default if empty"
    )
    ingress_tls_secret: str = declare(
        "ingressTlsSecret", kinds.name_there, "", "The secret with the Ingress's certificate"
    )
    cert_manager_issuer: str = declare(
        "certManagerIssuer",
        kinds.name_there,
        "",
        "cert-manager's ClusterIssuer that is to fill ingressTlsSecret",
    )
    gateway: str = declare(
        "gateway", kinds.name_there, "", "The Gateway to attach an HTTPRoute for host to"
    )
    gateway_namespace: str = declare(
        "gatewayNamespace",
        kinds.name_there,
        "",
        "Where that Gateway is; the board's own namespace if empty",
    )
    controller_namespace: str = declare(
        "controllerNamespace",
        kinds.name_there,
        "",
        "Where the Ingress's or Gateway's controller runs, to admit no other pods; any if empty. "
        "With monitoring the board looks there at its certificate",
    )
