"""Settings: the stack's configuration becomes one frozen object, or a sentence per fault."""

from dataclasses import dataclass, field

import pulumi

from infra import sizes
from infra.settings import refusals
from infra.settings.kinds import Reader

SPARE_CONNECTIONS = 15  # migration, backup, commands, and what PostgreSQL keeps for itself
DATABASES = ("statefulset", "cloudnativepg", "external")


@dataclass(frozen=True)
class Settings:
    """Everything the stack's configuration decides. Secrets stay out of its repr."""

    image: str
    dev: bool
    context: str
    cluster: str
    namespace: str
    protect: bool
    host: str
    path: str
    board_name: str
    replicas: int
    max_replicas: int
    workers: int
    streams_total: int
    streams_per_user: int
    log_level: str
    secret_key: str = field(repr=False)
    pod_networks: tuple[str, ...]
    database: str
    database_url: str = field(repr=False)
    database_port: int
    database_networks: tuple[str, ...]
    database_pool: int
    database_connections: int
    database_instances: int
    database_password_number: int
    database_storage: str
    postgres_image: str
    cloudnativepg_image: str
    cloudnativepg_namespace: str
    storage_class: str
    backup_schedule: str
    backup_keep: int
    backup_storage: str
    nginx_image: str
    nginx_replicas: int
    node_port: int
    node_port_tls: int
    tls_secret: str
    trusted_proxies: tuple[str, ...]
    ingress: bool
    ingress_class: str
    ingress_tls_secret: str
    cert_manager_issuer: str
    gateway: str
    gateway_namespace: str
    controller_namespace: str
    dns_namespace: str
    dns_labels: dict[str, str]
    image_pull_secret: str

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
    def has_own_database(self) -> bool:
        return self.database != "external"

    @property
    def url(self) -> str:
        """Where people find the board."""
        return self._origin + self.path

    @property
    def _origin(self) -> str:
        if self.ingress or self.gateway:
            return f"{'https' if self.ingress_tls_secret else 'http'}://{self.host}"
        if self.tls_secret:
            return f"https://{self.host}:{self.node_port_tls}"
        if self.node_port:
            return f"http://{self.host}:{self.node_port}"
        return "http://nginx"


def read_settings(config: pulumi.Config) -> Settings:
    """Return what the stack is configured to be; raise RunError with all its faults at once."""
    reader = Reader(config)
    url, port = reader.database_url("databaseUrl")
    settings = Settings(
        image=reader.image("image"),
        dev=reader.flag("dev"),
        context=reader.text("context"),
        cluster=reader.text("cluster"),
        namespace=reader.name("namespace"),
        protect=reader.flag("protect"),
        host=reader.host("host"),
        path=reader.path("path"),
        board_name=reader.text("boardName"),
        replicas=reader.number("replicas", 1, sizes.MOST_REPLICAS),
        max_replicas=reader.number("maxReplicas", 0, sizes.MOST_REPLICAS),
        workers=reader.number("workers", 1, 64),
        streams_total=reader.number("streamsTotal", 1, 100_000),
        streams_per_user=reader.number("streamsPerUser", 1, 1000),
        log_level=reader.choice("logLevel", ("DEBUG", "INFO", "WARNING", "ERROR")),
        secret_key=reader.keys("secretKey"),
        pod_networks=reader.networks("podNetworks"),
        database=reader.choice("database", DATABASES),
        database_url=url,
        database_port=port,
        database_networks=reader.networks("databaseNetworks"),
        database_pool=reader.number("databasePool", 5, 500),
        database_connections=reader.number("databaseConnections", 25, sizes.MOST_CONNECTIONS),
        database_instances=reader.number("databaseInstances", 1, sizes.MOST_INSTANCES),
        database_password_number=reader.number("databasePasswordNumber", 1, 1_000_000),
        database_storage=reader.size("databaseStorage"),
        postgres_image=reader.image("postgresImage"),
        cloudnativepg_image=reader.image("cloudnativepgImage"),
        cloudnativepg_namespace=reader.name("cloudnativepgNamespace"),
        storage_class=reader.optional_name("storageClass"),
        backup_schedule=reader.schedule("backupSchedule"),
        backup_keep=reader.number("backupKeep", 1, 1000),
        backup_storage=reader.size("backupStorage"),
        nginx_image=reader.image("nginxImage"),
        nginx_replicas=reader.number("nginxReplicas", 1, sizes.MOST_NGINX_REPLICAS),
        node_port=reader.node_port("nodePort"),
        node_port_tls=reader.node_port("nodePortTls"),
        tls_secret=reader.optional_name("tlsSecret"),
        trusted_proxies=reader.networks("trustedProxies"),
        ingress=reader.flag("ingress"),
        ingress_class=reader.optional_name("ingressClass"),
        ingress_tls_secret=reader.optional_name("ingressTlsSecret"),
        cert_manager_issuer=reader.optional_name("certManagerIssuer"),
        gateway=reader.optional_name("gateway"),
        gateway_namespace=reader.optional_name("gatewayNamespace"),
        controller_namespace=reader.optional_name("controllerNamespace"),
        dns_namespace=reader.name("dnsNamespace"),
        dns_labels=reader.labels("dnsLabels"),
        image_pull_secret=reader.optional_name("imagePullSecret"),
    )
    faults = reader.faults or refusals.contradictions(settings)
    if faults:
        raise pulumi.RunError("\n".join(faults))
    return settings
