"""What the engine knows of a stack, read without its secrets."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from pulumi.automation import Stack

from infra.commands.stack import tell

NAMESPACE = "kubernetes:core/v1:Namespace"


class Namespace(NamedTuple):
    """The board's namespace, as it was made."""

    name: str
    uid: str


@dataclass(frozen=True)
class State:
    """The objects that were made, and those that were being made when a process was killed."""

    resources: list[dict[str, Any]]

    @property
    def namespace(self) -> Namespace | None:
        for resource in self.resources:
            if resource["type"] == NAMESPACE and "outputs" in resource:
                metadata = resource["outputs"]["metadata"]
                return Namespace(metadata["name"], metadata["uid"])
        return None


def read(stack: Stack) -> State:
    """Return the stack's state."""
    deployment = json.loads(tell(stack, "stack", "export")).get("deployment") or {}
    return State(deployment.get("resources") or [])
