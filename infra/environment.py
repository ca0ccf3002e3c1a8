"""The board's settings as a ConfigMap."""

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap

from infra.settings import Settings

PORT = 8000


class Environment(pulumi.ComponentResource):
    """What the board's process finds in its environment; a change has a new name and rolls pods."""

    def __init__(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:Environment", "environment", None, opts)
        config = ConfigMap(
            "settings",
            metadata={"namespace": namespace},
            data={
                "HOST": "0.0.0.0",  # noqa: S104, it is the pod's own address
                "PORT": str(PORT),
                "BOARD_NAME": settings.board_name,
                "WORKERS": str(settings.workers),
                # Where others share the host; else people may come by any name and port.
                "PUBLIC_URL": settings.url if settings.path else "",
                "TRUSTED_PROXIES": ",".join(settings.pod_networks),
                "STREAMS_TOTAL": str(settings.streams_total),
                "STREAMS_PER_USER": str(settings.streams_per_user),
                "DATABASE_POOL": str(settings.database_pool),
                "LOG_FORMAT": "json",
                "LOG_LEVEL": settings.log_level,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.config: pulumi.Output[str] = config.metadata.name
        self.register_outputs({"config": self.config})
