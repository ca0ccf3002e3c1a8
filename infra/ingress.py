"""An Ingress before nginx, for whichever controller the cluster has."""

import pulumi
from pulumi_kubernetes.networking.v1 import Ingress, IngressSpecArgsDict

from infra.settings import Settings

NAME = "board"


class PublicIngress(pulumi.ComponentResource):
    """An Ingress without any controller's own annotations."""

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        service: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Ingress", "ingress", None, opts)
        # A cluster without a controller would hold every `up` for ten minutes.
        annotations = {"pulumi.com/skipAwait": "true"}
        if settings.cert_manager_issuer:
            annotations["cert-manager.io/cluster-issuer"] = settings.cert_manager_issuer
        Ingress(
            NAME,
            metadata={"name": NAME, "namespace": namespace, "annotations": annotations},
            spec=_spec(settings, service),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _spec(settings: Settings, service: pulumi.Output[str]) -> IngressSpecArgsDict:
    spec: IngressSpecArgsDict = {
        "rules": [
            {
                "host": settings.host,
                "http": {
                    "paths": [
                        {
                            "path": settings.path or "/",
                            "path_type": "Prefix",
                            "backend": {"service": {"name": service, "port": {"name": "http"}}},
                        }
                    ]
                },
            }
        ]
    }
    if settings.ingress_class:
        spec["ingress_class_name"] = settings.ingress_class
    if settings.ingress_tls_secret:
        spec["tls"] = [{"hosts": [settings.host], "secret_name": settings.ingress_tls_secret}]
    return spec
