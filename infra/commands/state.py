"""What the engine knows of a stack, read without its secrets."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from pulumi.automation import Stack

from infra.commands.objects import PROVIDERS
from infra.commands.stack import plain_failures, tell

NAMESPACE = "kubernetes:core/v1:Namespace"


class Namespace(NamedTuple):
    """The board's namespace, as it was made."""

    name: str
    uid: str


@dataclass(frozen=True)
class State:
    """The resources there are, and the inputs of those that a killed process was making."""

    resources: list[dict[str, Any]]
    being_made: list[dict[str, Any]]

    @property
    def ids(self) -> set[str]:
        return {resource.get("id", "") for resource in self.resources}

    @property
    def namespace(self) -> Namespace | None:
        for resource in self.resources:
            if resource["type"] == NAMESPACE and "outputs" in resource:
                metadata = resource["outputs"]["metadata"]
                return Namespace(metadata["name"], metadata["uid"])
        return None

    @property
    def objects(self) -> int:
        """How many there are; one that is to be deleted beside its new one is the same."""
        return len({each["urn"] for each in self.resources if _counts(each)})


def _counts(resource: dict[str, Any]) -> bool:
    """Whether it is an object of the cluster, or a made password; see `objects.counts`."""
    return bool(resource.get("custom")) and not resource["type"].startswith(PROVIDERS)


def read(stack: Stack) -> State:
    """Return the stack's state."""
    with plain_failures(stack.name):
        deployment = json.loads(tell(stack, "stack", "export")).get("deployment") or {}
    pending = deployment.get("pending_operations") or []
    return State(
        deployment.get("resources") or [],
        [each["resource"].get("inputs", {}) for each in pending if each["type"] == "creating"],
    )
