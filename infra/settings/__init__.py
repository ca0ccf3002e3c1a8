"""Settings: the stack's configuration becomes one frozen object, or a sentence per fault."""

from dataclasses import dataclass, fields
from urllib.parse import urlsplit

import pulumi

from infra import sizes
from infra.settings import refusals
from infra.settings.board import Board, Cluster
from infra.settings.cache import Cache
from infra.settings.database import Backups, Database
from infra.settings.declared import Reader, Setting
from infra.settings.doors import Edge, Nginx
from infra.settings.logs import SUFFIX, Logs
from infra.settings.monitoring import AFTER, Monitoring
from infra.settings.sign_in import HTTPS, SignIn

SPARE_CONNECTIONS = 15  # migration, backup, commands, and what PostgreSQL keeps for itself
POSTGRES_PORT = 5432
REDIS_PORT = 6379


# Dataclasses take the fields of their last base first.
@dataclass(frozen=True, kw_only=True)
class Settings(Logs, Monitoring, Edge, Nginx, Backups, Cache, Database, SignIn, Board, Cluster):
    """Everything the stack's configuration decides. Secrets stay out of its repr."""

    @property
    def most_replicas(self) -> int:
        """The pods of the board when the autoscaler has added all it may."""
        return max(self.replicas, self.max_replicas)

    @property
    def connections(self) -> int:
        """The connections that the board may open, in the midst of a rollout."""
        # Beside its pool, every process has the hub's own connection.
        per_pod = self.workers * (self.database_pool + 1)
        return (self.most_replicas + sizes.SURGE) * per_pod + SPARE_CONNECTIONS

    @property
    def database_port(self) -> int:
        """Where an external database listens."""
        return urlsplit(self.database_url).port or POSTGRES_PORT

    @property
    def logs_namespace(self) -> str:
        return self.namespace + SUFFIX

    @property
    def redis_port(self) -> int:
        """Where an external Redis or Valkey listens."""
        return urlsplit(self.redis_url).port or REDIS_PORT

    @property
    def has_own_database(self) -> bool:
        return self.database != "external"

    @property
    def is_monitored(self) -> bool:
        return self.monitoring != "none"

    @property
    def own_monitoring_namespace(self) -> str:
        """Where a Prometheus of its own is."""
        return self.namespace + AFTER

    @property
    def url(self) -> str:
        """Where people find the board."""
        return self.public_url or self._origin + self.path

    @property
    def told_url(self) -> str:
        """The address that the board is told: else people may come by any name and port."""
        # Where others share the host, and where it is written to people or to providers.
        is_told = self.public_url or self.path or self.smtp_url or self.providers
        return self.url if is_told or self._is_certified else ""

    @property
    def _is_certified(self) -> bool:
        """Whether the board has to know the name in a certificate, to tell when that ends."""
        return self.is_monitored and self._origin.startswith("https:") and self.host != "localhost"

    @property
    def certificate_port(self) -> int:
        """Where the board asks for its own certificate, as people's browsers do; 0 is nowhere."""
        told = urlsplit(self.told_url)
        return (told.port or HTTPS) if self.is_monitored and told.scheme == "https" else 0

    @property
    def _origin(self) -> str:
        if self.ingress or self.gateway:
            return f"{'https' if self.ingress_tls_secret else 'http'}://{self.host}"
        if self.tls_secret:
            return f"https://{self.host}:{self.node_port_tls}"
        if self.node_port:
            return f"http://{self.host}:{self.node_port}"
        return "http://nginx"


# Every setting by its attribute of Settings.
DECLARED: dict[str, Setting] = {each.name: each.metadata["setting"] for each in fields(Settings)}


def read_settings(config: pulumi.Config) -> Settings:
    """Return what the stack is configured to be; raise RunError with all its faults at once."""
    reader = Reader(config)
    settings = Settings(**{name: reader.read(setting) for name, setting in DECLARED.items()})
    if faults := reader.faults or refusals.contradictions(settings):
        raise pulumi.RunError("\n".join(faults))
    return settings
