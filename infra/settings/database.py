"""What is told of the database, and of what is kept."""

from dataclasses import dataclass

from infra import sizes
from infra.settings import kinds
from infra.settings.declared import declare, declare_boards
from service.base.values import Choice, Number

KINDS = ("statefulset", "cloudnativepg", "external")


@dataclass(frozen=True, kw_only=True)
class Database:
    """The database, and the volumes' class."""

    database: str = declare(
        "database",
        Choice(KINDS),
        "statefulset",
        "Where messages are, and stay: for cloudnativepg its operator must be there, for external "
        "databaseUrl be set",
    )
    database_url: str = declare(
        "databaseUrl",
        kinds.database_url,
        "",
        "The external database as postgresql://user:password@host/name, set with --secret",
        secret=True,
    )
    database_networks: tuple[str, ...] = declare(
        "databaseNetworks",
        kinds.networks,
        "",
        "Networks the external database is in; pods may reach nothing else on its port. Any if "
        "empty",
    )
    database_pool: int = declare_boards(
        "databasePool",
        "database_pool",
        "Connections per worker process; with a rollout's extra pod all must fit "
        "databaseConnections",
    )
    database_connections: int = declare(
        "databaseConnections",
        Number(25, sizes.MOST_CONNECTIONS),
        300,
        "Connections that PostgreSQL allows, enough for 12 pods; a change restarts it, some "
        "seconds of 503",
    )
    database_password_number: int = declare(
        "databasePasswordNumber",
        Number(1, 1_000_000),
        1,
        "One more changes the board's password for the StatefulSet's database; nobody waits "
        "meanwhile",
    )
    database_instances: int = declare(
        "databaseInstances",
        Number(1, sizes.MOST_INSTANCES),
        3,
        "Instances of the CloudNativePG cluster",
    )
    database_storage: str = declare(
        "databaseStorage",
        kinds.size,
        "10Gi",
        "The database's volume; it can grow where its class allows it",
    )
    postgres_image: str = declare(
        "postgresImage",
        kinds.Image("postgresImage"),
        "postgres:18.6-trixie",
        "The image of the StatefulSet",
    )
    cloudnativepg_image: str = declare(
        "cloudnativepgImage",
        kinds.Image("cloudnativepgImage"),
        "ghcr.io/cloudnative-pg/postgresql:18.6-202608170814-standard-trixie@sha256:771f9eab5225587af259d84680cc69a5b6e374ac32bb24effafde1f3368a1241",
        "The image of the CloudNativePG cluster",
    )
    cloudnativepg_namespace: str = declare(
        "cloudnativepgNamespace", kinds.name, "cnpg-system", "Where CloudNativePG's operator runs"
    )
    storage_class: str = declare(
        "storageClass",
        kinds.name_there,
        "",
        "The class of all volumes, which they keep; the cluster's own default if empty",
    )


@dataclass(frozen=True, kw_only=True)
class Backups:
    """The backups."""

    backup_schedule: str = declare(
        "backupSchedule",
        kinds.schedule,
        "17 2 * * *",
        "When the backup is made, in cron's five fields and UTC",
    )
    backup_keep: int = declare(
        "backupKeep", Number(1, 1000), 14, "Backups that are kept; the oldest go"
    )
    backup_storage: str = declare(
        "backupStorage",
        kinds.size,
        "5Gi",
        "The backups' volume; it can grow where its class allows it",
    )
