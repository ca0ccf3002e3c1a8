"""The migration: a Job that is through before any pod of a new release starts."""

import pulumi
from pulumi_kubernetes.batch.v1 import Job, JobSpecArgsDict, PodFailurePolicyRuleArgsDict
from pulumi_kubernetes.core.v1 import PodTemplateSpecArgsDict

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
            spec=_spec(template(NAME, ["migrate"], settings, database_secret)),
            opts=pulumi.ResourceOptions(
                parent=self,
                custom_timeouts=pulumi.CustomTimeouts(create=f"{DEADLINE}s"),
            ),
        )
        self.job: pulumi.Output[str] = job.metadata.name
        self.register_outputs({"job": self.job})


def _spec(pod: PodTemplateSpecArgsDict) -> JobSpecArgsDict:
    # The program itself waits for a database that is not there yet: what fails all the same fails
    # again. Only a node that goes away is no fault of its.
    lost_node: PodFailurePolicyRuleArgsDict = {
        "action": "Ignore",
        "on_pod_conditions": [{"type": "DisruptionTarget", "status": "True"}],
    }
    return {
        "backoff_limit": 0,
        "pod_failure_policy": {"rules": [lost_node]},
        "active_deadline_seconds": DEADLINE,
        "template": pod,
    }
