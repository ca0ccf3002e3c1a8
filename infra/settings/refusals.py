"""What each setting allows alone and all together forbid: one sentence for each."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from infra import sizes
from infra.settings.kinds import LONGEST_NAME
from infra.settings.logs import SUFFIX
from infra.settings.monitoring import AFTER

if TYPE_CHECKING:
    from infra.settings import Settings


def contradictions(settings: Settings) -> list[str]:
    """Return a sentence for everything that would not work, or not for long."""
    checks = (
        _image,
        _replicas,
        _database,
        _password,
        _cache,
        _connections,
        _doors,
        _certificates,
        _proxies,
        _mail,
        _path,
        _sign_in,
        _logs,
        _monitoring,
    )
    return [sentence for check in checks if (sentence := check(settings))]


def _image(settings: Settings) -> str:
    for key, image in (
        ("image", settings.image),
        ("nginxImage", settings.nginx_image),
        ("postgresImage", settings.postgres_image),
        ("cloudnativepgImage", settings.cloudnativepg_image),
        ("filebeatImage", settings.filebeat_image),
        ("elasticsearchImage", settings.elasticsearch_image),
        ("prometheusImage", settings.prometheus_image),
        ("grafanaImage", settings.grafana_image),
        ("valkeyImage", settings.valkey_image),
    ):
        name, _, digest = image.partition("@")
        tag = name.rpartition("/")[2].partition(":")[2]
        if not settings.dev and not digest and tag in {"", "latest"}:
            return f"{key} has no exact tag, so nobody knows what runs; name one, or set dev."
    return ""


def _replicas(settings: Settings) -> str:
    if settings.replicas == 1 and not settings.dev:
        return "replicas must be 2 or more, so that a rollout or a lost node interrupts nobody."
    if 0 < settings.max_replicas <= settings.replicas:
        return "maxReplicas must be more than replicas, or 0 for no autoscaler."
    return ""


def _database(settings: Settings) -> str:
    if settings.database == "external" and not settings.database_url:
        return (
            "databaseUrl is not set, and database is external: name it with "
            "`pulumi config set --secret databaseUrl`."
        )
    if settings.database != "external" and settings.database_url:
        return "databaseUrl is set, so database must be external, or databaseUrl removed."
    return ""


def _password(settings: Settings) -> str:
    if settings.database_password_number > 1 and settings.database != "statefulset":
        return (
            "databasePasswordNumber changes the password of the StatefulSet's database, and "
            f"database is {settings.database}: change it there."
        )
    return ""


def _cache(settings: Settings) -> str:
    if settings.cache == "external" and not settings.redis_url:
        return (
            "redisUrl is not set, and cache is external: name it with "
            "`pulumi config set --secret redisUrl`."
        )
    if settings.cache != "external" and settings.redis_url:
        return "redisUrl is set, so cache must be external, or redisUrl removed."
    return ""


def _connections(settings: Settings) -> str:
    needed, given = settings.connections, settings.database_connections
    if not settings.has_own_database or needed <= given:
        return ""
    possible = needed <= sizes.MOST_CONNECTIONS
    return (
        f"The board may open {needed} connections, more than the {given} of databaseConnections: "
        f"{'raise it, or lower' if possible else 'lower'} databasePool, workers, replicas or "
        "maxReplicas."
    )


def _doors(settings: Settings) -> str:
    outside = settings.ingress or settings.gateway
    if outside and settings.host == "localhost":
        return "host must be the name people type, if there is to be an Ingress or HTTPRoute."
    if not outside and not settings.node_port:
        return (
            "nodePort is 0, and neither ingress nor gateway is set: nobody could reach the board."
        )
    if settings.tls_secret and settings.node_port == settings.node_port_tls:
        return "nodePortTls must be another port than nodePort."
    return ""


def _certificates(settings: Settings) -> str:
    if settings.cert_manager_issuer and not settings.ingress_tls_secret:
        return "certManagerIssuer needs ingressTlsSecret, the name of the secret it is to fill."
    if settings.ingress_tls_secret and not settings.ingress:
        return "ingressTlsSecret is set, but ingress is not."
    return ""


def _path(settings: Settings) -> str:
    if settings.public_url and urlsplit(settings.public_url).path != settings.path:
        return "publicUrl must have the path that path names: nginx passes the board on below it."
    return ""


def _sign_in(settings: Settings) -> str:
    if faults := settings.provider_faults:
        return f"providers can't be used: {' '.join(faults)}"
    if settings.providers and settings.host == "localhost" and not settings.public_url:
        return (
            "providers is set, so host must be the name people type, or publicUrl say where they "
            "are: providers send people back there."
        )
    if not settings.providers and not settings.password_sign_in:
        return "passwordSignIn is false, and providers names none: nobody could sign in."
    return ""


def _mail(settings: Settings) -> str:
    if settings.smtp_url and settings.host == "localhost" and not settings.public_url:
        return "smtpUrl is set, so host must be the name people type: links in mails begin with it."
    return ""


def _logs(settings: Settings) -> str:
    url, key = settings.elasticsearch_url, settings.elasticsearch_api_key
    if not settings.has_logs:
        return "elasticsearchUrl is set, but logs is none." if url else ""
    if len(settings.logs_namespace) > LONGEST_NAME:
        return (
            f"namespace must have {LONGEST_NAME - len(SUFFIX)} letters at most: {SUFFIX} comes "
            "after it where logs is elasticsearch."
        )
    if url and not key:
        return "elasticsearchApiKey is not set: Filebeat needs one at elasticsearchUrl."
    if key and not url:
        return "elasticsearchApiKey is set, but elasticsearchUrl is not."
    if not url and not settings.dev:
        return (
            "elasticsearchUrl is not set, and logs is elasticsearch: name yours. One that is made "
            "here is to try it with, and needs dev."
        )
    return ""


def _proxies(settings: Settings) -> str:
    if (settings.ingress or settings.gateway) and not settings.trusted_proxies:
        return (
            "trustedProxies must name the networks of the Ingress's or Gateway's pods, such as "
            "10.42.0.0/16: without them all visitors share one address, and one limit."
        )
    return ""


def _monitoring(settings: Settings) -> str:
    kind, there = settings.monitoring, settings.monitoring_namespace
    if kind == "operator" and not there:
        return (
            "monitoringNamespace must name where the operator's Prometheus runs: nothing else "
            "may ask the board for its metrics."
        )
    if kind != "operator" and there:
        return (
            f"monitoringNamespace is where an operator's Prometheus runs, and monitoring is {kind}."
        )
    if kind != "own" and settings.alertmanager_url:
        return (
            f"alertmanagerUrl is what a Prometheus of its own tells, and monitoring is {kind}: "
            "an operator's has an Alertmanager of its own."
        )
    if kind == "own" and len(settings.own_monitoring_namespace) > LONGEST_NAME:
        return (
            f"namespace must have {LONGEST_NAME - len(AFTER)} letters at most: {AFTER} comes "
            "after it where monitoring is own."
        )
    return ""
