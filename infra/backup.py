"""A backup every night, as many as wanted, on a volume of their own."""

import pulumi
from pulumi_kubernetes.batch.v1 import CronJob

from infra.pods import mount, named
from infra.settings import Settings
from infra.task import template
from infra.volumes import claim

NAME = "backup"
FOLDER = "/backups"
HOUR = 3600  # seconds


class Backup(pulumi.ComponentResource):
    """A CronJob that saves the whole board and deletes the oldest backups."""

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        database_secret: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Backup", NAME, None, opts)
        volume = claim("backups", settings.backup_storage, settings, namespace, self)
        self.storage_class: pulumi.Output[str] = volume.spec.storage_class_name
        self.job = CronJob(
            NAME,
            metadata=named(NAME, namespace),
            spec={
                "schedule": settings.backup_schedule,
                "time_zone": "Etc/UTC",
                "concurrency_policy": "Forbid",
                "starting_deadline_seconds": HOUR,
                "successful_jobs_history_limit": 1,
                "failed_jobs_history_limit": 3,
                "job_template": {
                    "spec": {
                        "backoff_limit": 2,
                        "active_deadline_seconds": HOUR,
                        "template": template(
                            NAME,
                            ["backup", "--keep", str(settings.backup_keep), FOLDER],
                            settings,
                            database_secret,
                            (
                                {
                                    "name": NAME,
                                    "persistent_volume_claim": {"claim_name": volume.metadata.name},
                                },
                                mount(NAME, FOLDER),
                            ),
                        ),
                    }
                },
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
