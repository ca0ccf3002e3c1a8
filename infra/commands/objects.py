"""The objects of a deployment, as the engine's events name them."""

import re
from collections.abc import Mapping
from typing import Any

from pulumi.automation.events import StepEventMetadata

PROVIDERS = "pulumi:providers:"
STEP = re.compile(r'\["([^"]*)"\]|\[(\d+)\]|([^.\[\]]+)')


def counts(metadata: StepEventMetadata) -> bool:
    """Whether it is an object of the cluster, or a made password, and no grouping of them."""
    state = metadata.new or metadata.old
    return bool(state and state.custom) and not metadata.type.startswith(PROVIDERS)


def kind_of(metadata: StepEventMetadata) -> str:
    return metadata.type.rpartition(":")[2]


def name_of(metadata: StepEventMetadata) -> str:
    """Return the name that the object has in the cluster, or else in the program."""
    for state in (metadata.new, metadata.old):
        for values in (state.outputs, state.inputs) if state else ():
            if name := value_at(values, "metadata.name"):
                return str(name)
    return metadata.urn.rpartition("::")[2]


def value_at(values: Mapping[str, Any] | None, path: str) -> Any:
    """Return what is at a path like `spec.containers[0].image`, or None."""
    found: Any = values
    for quoted, index, word in STEP.findall(path):
        try:
            found = found[int(index)] if index else found[quoted or word]
        except (KeyError, IndexError, TypeError):
            return None
    return found
