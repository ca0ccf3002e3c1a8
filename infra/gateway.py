"""A Gateway API HTTPRoute before nginx, attached to a Gateway that is there already."""

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from infra.settings import Settings

NAME = "board"


class Route(pulumi.ComponentResource):
    """An HTTPRoute for the board's host."""

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        service: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Route", "route", None, opts)
        parent = {"name": settings.gateway}
        if settings.gateway_namespace:
            parent["namespace"] = settings.gateway_namespace
        CustomResource(
            NAME,
            api_version="gateway.networking.k8s.io/v1",
            kind="HTTPRoute",
            metadata={"name": NAME, "namespace": namespace},
            spec={
                "parentRefs": [parent],
                "hostnames": [settings.host],
                "rules": [
                    {
                        "matches": [
                            {"path": {"type": "PathPrefix", "value": settings.path or "/"}}
                        ],
                        "backendRefs": [{"name": service, "port": 80}],
                        # A stream is a request that lasts for as long as its page is open.
                        "timeouts": {"request": "0s", "backendRequest": "0s"},
                    }
                ],
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
