"""A backup every night, as many as wanted, on a volume of their own; and a way to get at them."""

import pulumi
from pulumi_kubernetes.batch.v1 import CronJob, CronJobSpecArgsDict, JobSpecArgsDict
from pulumi_kubernetes.core.v1 import (
    PodTemplateSpecArgsDict,
    VolumeArgsDict,
    VolumeMountArgsDict,
)

from infra.pods import mount, named
from infra.settings import Settings
from infra.task import template
from infra.volumes import claim

NAME = "backup"
GET = "get-backups"
FOLDER = "/backups"
NEVER = "0 0 1 1 *"  # were it not suspended
HOUR = 3600  # seconds


class Backup(pulumi.ComponentResource):
    """A CronJob that saves the whole board and deletes the oldest backups, and one to fetch them.

    Nobody can look into a volume from outside. Of the second one people make a Job, with `kubectl
    create job --from`, whose pod has the volume, the board's program and an hour for them.
    """

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        database_secret: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Backup", NAME, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        claimed = claim("backups", settings.backup_storage, settings, namespace, self)
        self.storage_class: pulumi.Output[str] = claimed.spec.storage_class_name
        held: tuple[VolumeArgsDict, VolumeMountArgsDict] = (
            {"name": NAME, "persistent_volume_claim": {"claim_name": claimed.metadata.name}},
            mount(NAME, FOLDER),
        )
        save = ["backup", "--keep", str(settings.backup_keep), FOLDER]
        saving = template(NAME, save, settings, database_secret, held)
        # With TMPDIR, for backups larger than a node's memory or disk.
        hold = ["backups", "--hold", FOLDER]
        fetching = template(GET, hold, settings, database_secret, held, TMPDIR=FOLDER)
        specs = {NAME: _nightly(settings.backup_schedule, saving), GET: _by_hand(fetching)}
        self.jobs = [
            CronJob(name, metadata=named(name, namespace), spec=spec, opts=child)
            for name, spec in specs.items()
        ]
        self.register_outputs({})


def _nightly(schedule: str, pod: PodTemplateSpecArgsDict) -> CronJobSpecArgsDict:
    job: JobSpecArgsDict = {
        "backoff_limit": 2,
        "active_deadline_seconds": HOUR,
        "template": pod,
    }
    return {
        "schedule": schedule,
        "time_zone": "Etc/UTC",
        "concurrency_policy": "Forbid",
        "starting_deadline_seconds": HOUR,
        "successful_jobs_history_limit": 1,
        "failed_jobs_history_limit": 3,
        "job_template": {"spec": job},
    }


def _by_hand(pod: PodTemplateSpecArgsDict) -> CronJobSpecArgsDict:
    job: JobSpecArgsDict = {
        "backoff_limit": 2,
        "active_deadline_seconds": 2 * HOUR,  # it ends by itself after one
        "ttl_seconds_after_finished": HOUR,
        "template": pod,
    }
    return {"schedule": NEVER, "suspend": True, "job_template": {"spec": job}}
