"""The migration: a Job that is through before any pod of a new release starts."""

import pulumi
from pulumi_kubernetes.batch.v1 import Job

from infra.pods import labels
from infra.settings import Settings
from infra.task import template

NAME = "migrate"
DEADLINE = 15 * 60  # seconds


class Migration(pulumi.ComponentResource):
    """A new Job for every image and database; the one before goes when it has succeeded."""

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        database_secret: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Migration", "migration", None, opts)
        job = Job(
            NAME,
            metadata={
                "namespace": namespace,
                "labels": labels(NAME),
                # One that failed is tried again by the next `up`, changed or not.
                "annotations": {"pulumi.com/replaceUnready": "true"},
            },
            spec={
                "backoff_limit": 3,
                "active_deadline_seconds": DEADLINE,
                "template": template(NAME, ["migrate"], settings, database_secret),
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                custom_timeouts=pulumi.CustomTimeouts(create=f"{DEADLINE}s"),
            ),
        )
        self.job: pulumi.Output[str] = job.metadata.name
        self.register_outputs({"job": self.job})
