"""What the engine knows of a stack, read without its secrets."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from pulumi.automation import Stack

from infra.commands.objects import PROVIDERS
from infra.commands.stack import plain_failures, tell

NAMESPACE = "kubernetes:core/v1:Namespace"
OF_BOARD = f"::board:infra:Room${NAMESPACE}::"  # see infra/namespace.py, which is slow to import


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
        for resource in self._namespaces:
            if OF_BOARD in resource["urn"]:
                metadata = resource["outputs"]["metadata"]
                return Namespace(metadata["name"], metadata["uid"])
        return None

    @property
    def namespaces(self) -> set[str]:
        """The board's namespace, and those of what is beside it."""
        return {resource["outputs"]["metadata"]["name"] for resource in self._namespaces}

    @property
    def _namespaces(self) -> list[dict[str, Any]]:
        return [each for each in self.resources if each["type"] == NAMESPACE and "outputs" in each]

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
