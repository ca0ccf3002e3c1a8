"""Every way to configure a deployment, and what the program asks for in each."""

from functools import cache
from typing import Any

from tests.infra.engine import Run, auto_name, run

IMAGE = f"ghcr.io/example/htmx-fastapi-service:0.2.0@sha256:{'0' * 64}"
EXTERNAL = "postgresql://board:a-secret-password@db.example.org:6432/board?sslmode=require"
REDIS_URL = "rediss://board:a-secret-password@redis.example.org:6380"
OUTSIDE = {"host": "board.example.org", "trustedProxies": "10.42.0.0/16"}
SECRET_KEY = "an-old-key-of-thirty-two-bytes-or-more,another-key-of-thirty-two-bytes-or-more"

SMTP_URL = "smtp://board:a-secret-password@mail.example.org:2525?from=board@example.org"

PROVIDERS = """\
OIDC_CORP_ISSUER=https://id.example.org/realms/corp
OIDC_CORP_CLIENT_ID=board
OIDC_CORP_LABEL=The company
OIDC_CORP_CREATE=yes
# within the cluster
OIDC_LAB_ISSUER=https://id.lab.example.org:8443
OIDC_LAB_CLIENT_ID=board
"""
PROVIDER_SECRETS = "OIDC_CORP_CLIENT_SECRET=what-corp-knows-the-board-by"

API_KEY = "VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw"
AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIIBYjCCAQigAwIBAgIUUWxxlXJNeNZd4aLJ2LMLauCfXpYwCgYIKoZIzj0EAwIw
JDEiMCAGA1UEAwwZQW4gYXV0aG9yaXR5IG9mIG9uZSdzIG93bjAgFw0yNjAxMDEw
MDAwMDBaGA8yMTI2MDEwMTAwMDAwMFowJDEiMCAGA1UEAwwZQW4gYXV0aG9yaXR5
IG9mIG9uZSdzIG93bjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDa0i2VLOE66
CGA9JBdnl0mjqE4saltLtuQyc4Onb6Wem3XwzBOKKcik5fgfoqwHnESEh2lPDJqo
o/mSGh5Ax9OjFjAUMBIGA1UdEwEB/wQIMAYBAf8CAQAwCgYIKoZIzj0EAwIDSAAw
RQIhAM4MQej4iYD3VJ66imLEQ7I8DXnVKMB1pQzsnuE+d5rbAiBrm7HTlRngTbUB
IN3cAis5lZxvO/PgY1argAjKfD5aBQ==
-----END CERTIFICATE-----"""

SCENARIOS: dict[str, dict[str, object]] = {
    "defaults": {},
    "dev": {
        "dev": True,
        "replicas": 1,
        "image": "board:dev",
        "protect": False,
        "context": "kind-x",
    },
    "cloudnativepg": {
        "database": "cloudnativepg",
        "storageClass": "fast",
        "imagePullSecret": "registry",
    },
    "external": {
        "database": "external",
        "databaseUrl": EXTERNAL,
        "cache": "external",
        "redisUrl": REDIS_URL,
    },
    "external-networks": {
        "database": "external",
        "databaseUrl": EXTERNAL,
        "databaseNetworks": "192.0.2.0/28, 2001:db8::/64",
        "cache": "external",
        "redisUrl": REDIS_URL,
        "redisNetworks": "198.51.100.9",
    },
    "valkey": {"cache": "valkey", "imagePullSecret": "registry"},
    "own-key": {
        "secretKey": SECRET_KEY,
        "smtpUrl": SMTP_URL,
        "host": "board.example.org",
        "storageClass": "fast",
        "workers": 2,
    },
    "other-ways": {
        "databasePasswordNumber": 2,
        "imagePullSecret": "registry",
        "dnsNamespace": "openshift-dns",
        "dnsLabels": "dns.operator.openshift.io/daemonset-dns=default, tier=names",
    },
    "providers": {
        "providers": PROVIDERS,
        "providerSecrets": PROVIDER_SECRETS,
        "passwordSignIn": False,
        "authorities": f"Müller\n{AUTHORITY}\nand {AUTHORITY}",
        "publicUrl": "https://board.example.org/crew",
        "path": "/crew",
    },
    "providers-networks": {
        "providers": PROVIDERS.partition("#")[0],
        "providerSecrets": PROVIDER_SECRETS,
        "providerNetworks": "198.51.100.0/24",
        "host": "board.example.org",
    },
    "autoscaled": {"maxReplicas": 5, "nginxReplicas": 3},
    "ingress": {"ingress": True, "path": "/board", **OUTSIDE},
    "cert-manager": {
        "ingress": True,
        "ingressClass": "traefik",
        "ingressTlsSecret": "board-tls",
        "certManagerIssuer": "letsencrypt",
        "controllerNamespace": "traefik",
        "nodePort": 0,
        **OUTSIDE,
    },
    "gateway": {"gateway": "public", "gatewayNamespace": "gateways", "nodePort": 0, **OUTSIDE},
    "logs": {
        "logs": "elasticsearch",
        "elasticsearchUrl": "https://logs.example.org",
        "elasticsearchApiKey": API_KEY,
        "elasticsearchNetworks": "203.0.113.0/24",
        "authorities": AUTHORITY,
    },
    "logs-trial": {"logs": "elasticsearch", "dev": True, "imagePullSecret": "registry"},
    "operator": {
        "monitoring": "operator",
        "monitoringNamespace": "observability",
        "monitoringLabels": "release=stack",
        "publicUrl": "https://board.example.org:8443",
        "tracesEndpoint": "http://collector.tracing.svc:4318/",
    },
    "monitored": {
        "monitoring": "own",
        "alertmanagerUrl": "https://alerts.example.org/here",
        "storageClass": "fast",
        "imagePullSecret": "registry",
    },
    "tls": {"tlsSecret": "board-tls", "trustedProxies": "192.0.2.1"},
}
# Secrets that somebody else makes: who has the certificate, or cert-manager, or the registry.
GIVEN_SECRETS = {"board-tls", "registry"}


@cache
def rendered(name: str, *, preview: bool = False) -> Run:
    """Return what the program asks for in a scenario; run once, so not to be changed."""
    return run({"image": IMAGE, **SCENARIOS[name]}, preview=preview)


def manifests(found: Run) -> list[dict[str, Any]]:
    """Return the Kubernetes objects of a run, each with the name it gets."""
    return [
        {
            **resource.inputs,
            "metadata": {"name": auto_name(resource.name), **resource.inputs["metadata"]},
        }
        for resource in found.resources.values()
        if resource.type.startswith("kubernetes:")
    ]


def deployed(name: str) -> list[dict[str, Any]]:
    """Return the Kubernetes objects of a scenario."""
    return manifests(rendered(name))


def configured(**values: object) -> list[dict[str, Any]]:
    """Return the Kubernetes objects of a deployment with these settings."""
    found = run({"image": IMAGE, **values})
    assert found.error == ""
    return manifests(found)
