"""The database: one of three kinds, known to the rest by a Secret with its URL."""

import pulumi
from pulumi_kubernetes.core.v1 import Secret

from infra.cloudnativepg import CloudNativePG
from infra.password import NewPassword
from infra.postgres import Postgres
from infra.settings import Settings

FILE = "database-url"


class Database(pulumi.ComponentResource):
    """A PostgreSQL, and a Secret that says where it is as soon as it answers."""

    def __init__(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:Database", "database", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.new_password: NewPassword | None = None
        secret = Secret(
            "database-url",
            metadata={"namespace": namespace},
            string_data={FILE: self._url(settings, namespace, child)},
            opts=child,
        )
        self.secret: pulumi.Output[str] = secret.metadata.name
        self.register_outputs({"secret": self.secret})

    def _url(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> pulumi.Output[str]:
        if settings.database == "statefulset":
            postgres = Postgres(settings, namespace, opts)
            self.new_password = postgres.new_password
            return postgres.url
        if settings.database == "cloudnativepg":
            return CloudNativePG(settings, namespace, opts).url
        return pulumi.Output.secret(settings.database_url)
