"""The board's settings as a ConfigMap."""

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap, VolumeProjectionArgsDict

from infra.pods import SECRETS
from infra.settings import DECLARED, Settings

PORT = 8000
METRICS_PORT = 9090


class Environment(pulumi.ComponentResource):
    """What the board's process finds in its environment; a change has a new name and rolls pods."""

    def __init__(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:Environment", "environment", None, opts)
        config = ConfigMap(
            "settings",
            metadata={"namespace": namespace},
            data={**_fixed(settings), **_configured(settings)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.config: pulumi.Output[str] = config.metadata.name
        self.authorities = _authorities(settings, namespace, self)
        self.register_outputs({"config": self.config})


def _authorities(
    settings: Settings, namespace: pulumi.Output[str], parent: pulumi.Resource
) -> list[VolumeProjectionArgsDict]:
    """Return what puts the certificates of authorities among the secrets, if there are any."""
    if not settings.authorities:
        return []
    made = ConfigMap(
        "authorities",
        metadata={"namespace": namespace},
        data={"authorities.pem": settings.authorities},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return [{"config_map": {"name": made.metadata.name}}]


def _fixed(settings: Settings) -> dict[str, str]:
    return {
        "HOST": "0.0.0.0",  # noqa: S104, it is the pod's own address
        "PORT": str(PORT),
        "PUBLIC_URL": settings.told_url,
        "PASSWORD_SIGN_IN": "yes" if settings.password_sign_in else "no",
        **settings.providers,
        "TRUSTED_PROXIES": ",".join(settings.pod_networks),
        "LOG_FORMAT": "ecs" if settings.has_logs else "json",
        **({"METRICS_PORT": str(METRICS_PORT)} if settings.is_monitored else {}),
        **_traces(settings),
        **({"SSL_CERT_DIR": SECRETS} if settings.authorities else {}),
    }


def _traces(settings: Settings) -> dict[str, str]:
    url = settings.traces_endpoint
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": url} if url else {}


def _configured(settings: Settings) -> dict[str, str]:
    own = {attribute: each.environ for attribute, each in DECLARED.items() if each.environ}
    return {name: str(getattr(settings, attribute)) for attribute, name in own.items()}
