"""What was being made when a process was killed: taken up, or taken away, by the next `up`."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import Any

import click
from pulumi.automation import Stack

from infra.commands import home, state
from infra.commands.cluster import Cluster
from infra.commands.stack import plain_failures, tell
from infra.commands.state import State

# Of these the engine makes up the names, so it would make another one beside what is left.
NAMELESS = {
    "v1/ConfigMap": "api/v1/namespaces/{}/configmaps/{}",
    "v1/Secret": "api/v1/namespaces/{}/secrets/{}",
    "batch/v1/Job": "apis/batch/v1/namespaces/{}/jobs/{}",
}
AUTONAMED = "pulumi.com/autonamed"
TAKE_UP = "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"


@contextmanager
def settled(stack: Stack, found: State, context: str) -> Generator[None]:
    """Before a change, see to what was being made when the last one was killed."""
    if not found.being_made:
        yield
        return
    with plain_failures(stack.name), home.plain_refusals(context):
        _be_alone(stack, found)
        _settle(stack, state.read(stack), Cluster(context))
    yield
    with plain_failures(stack.name):
        _forget(stack)


def _settle(stack: Stack, found: State, cluster: Cluster) -> None:
    for inputs in found.being_made:
        metadata = inputs.get("metadata", {})
        if AUTONAMED in metadata.get("annotations", {}):
            _delete(cluster, inputs, found)
        else:  # the change takes up what has a name of its own
            stack.workspace.env_vars = {**stack.workspace.env_vars, TAKE_UP: "true"}


def _be_alone(stack: Stack, found: State) -> None:
    """Refuse to look after what somebody alive is making: a small change finds the lock."""
    if urns := [resource["urn"] for resource in found.resources]:
        stack.refresh(target=urns[:1], run_program=False)


def _delete(cluster: Cluster, inputs: dict[str, Any], found: State) -> None:
    metadata = inputs["metadata"]
    where = metadata["namespace"], metadata["name"]
    path = NAMELESS.get(f"{inputs['apiVersion']}/{inputs['kind']}")
    if path and "/".join(where) not in found.ids and cluster.delete(path.format(*where)):
        click.echo(f"{inputs['kind']} {where[1]}, left by a process that was killed, is deleted.")


def _forget(stack: Stack) -> None:
    """Let the engine forget what was being made then: the `up` since has seen to it."""
    whole = json.loads(tell(stack, "stack", "export"))
    whole["deployment"]["pending_operations"] = []
    with NamedTemporaryFile("w", suffix=".json") as file:  # its secrets stay encrypted
        json.dump(whole, file)
        file.flush()
        tell(stack, "stack", "import", "--file", file.name)
