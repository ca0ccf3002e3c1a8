"""PostgreSQL as a CloudNativePG cluster; its operator must be there already."""

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import Secret

from infra import sizes
from infra.keys import PASSWORD_LENGTH, make
from infra.pods import labels
from infra.settings import POSTGRES_PORT, Settings

NAME = "postgres"
LABEL = {"cnpg.io/cluster": NAME}  # which the operator gives to the cluster's pods
STATUS_PORT = 8000  # where the operator asks an instance how it is
OPERATOR = {"app.kubernetes.io/name": "cloudnative-pg"}


class CloudNativePG(pulumi.ComponentResource):
    """A PostgreSQL of several instances that takes over by itself."""

    def __init__(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:CloudNativePG", "cloudnativepg", None, opts)
        password = make("board-password", PASSWORD_LENGTH, self, protect=settings.protect)
        secret = Secret(
            "postgres-owner",
            metadata={"namespace": namespace},
            type="kubernetes.io/basic-auth",
            string_data={"username": "board", "password": password},
            opts=pulumi.ResourceOptions(parent=self),
        )
        cluster = CustomResource(
            NAME,
            api_version="postgresql.cnpg.io/v1",
            kind="Cluster",
            metadata={
                "name": NAME,
                "namespace": namespace,
                "labels": labels(NAME),
                "annotations": {"pulumi.com/waitFor": "condition=Ready"},
            },
            spec=_spec(settings, secret.metadata.name),
            opts=pulumi.ResourceOptions(parent=self, protect=settings.protect),
        )
        # From the cluster, so that whoever uses the URL waits until the database answers.
        host = cluster.id.apply(lambda _: f"{NAME}-rw")
        self.url = pulumi.Output.format(
            "postgresql://board:{}@{}:{}/board", password, host, POSTGRES_PORT
        )
        self.register_outputs({})


def _spec(settings: Settings, secret: pulumi.Output[str]) -> dict[str, object]:
    storage = {"size": settings.database_storage}
    if settings.storage_class:
        storage["storageClass"] = settings.storage_class
    spec: dict[str, object] = {
        "instances": settings.database_instances,
        "imageName": settings.cloudnativepg_image,
        "storage": storage,
        "resources": sizes.POSTGRES.resources,
        "postgresql": {"parameters": {"max_connections": str(settings.database_connections)}},
        "bootstrap": {
            "initdb": {
                "database": "board",
                "owner": "board",
                "secret": {"name": secret},
                "encoding": "UTF8",
                # It sorts the same after any upgrade of the image's libraries.
                "localeProvider": "builtin",
                "builtinLocale": "C.UTF-8",
            }
        },
    }
    if settings.image_pull_secret:
        spec["imagePullSecrets"] = [{"name": settings.image_pull_secret}]
    return spec
