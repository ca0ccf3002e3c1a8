"""After an `up` that was killed the next one just works."""

import os
import subprocess
from typing import Any

import pytest

from tests.infra.workplace import Workplace

JOBS = "/first/apis/batch/v1/namespaces/board/jobs"
NAMESPACE = {"type": "kubernetes:core/v1:Namespace", "urn": "urn:namespace", "id": "board"}


@pytest.fixture
def dead() -> int:
    """The pid of a process that was killed."""
    process = subprocess.Popen(["/bin/sleep", "60"])
    process.kill()
    process.wait()
    return process.pid


def being_made(api: str, kind: str, name: str, *, autonamed: bool) -> dict[str, Any]:
    annotations = {"pulumi.com/autonamed": "true"} if autonamed else {}
    metadata = {"name": name, "namespace": "board", "annotations": annotations}
    inputs = {"apiVersion": api, "kind": kind, "metadata": metadata}
    return {"type": "creating", "resource": {"urn": f"urn:{name}", "inputs": inputs}}


def leave(here: Workplace, *pending: dict[str, Any]) -> None:
    made = {"type": "kubernetes:batch/v1:Job", "urn": "urn:migrate", "id": "board/migrate-1"}
    state = {"resources": [NAMESPACE, made], "pending_operations": list(pending)}
    here.remember(stacks={"board": {}}, state=state)
    here.know_settings("board", image="board:1", cluster="uid-of-first")
    for name in ("migrate-1", "migrate-2"):
        here.api.answers[f"{JOBS}/{name}"] = {"metadata": {"name": name}}


@pytest.mark.parametrize("command", ["up --image board:1", "down --keep-volumes"])
def test_the_lock_of_a_killed_process_is_lifted(here: Workplace, dead: int, command: str):
    here.remember(stacks={"board": {}})
    here.lock(dead)
    done = here.do(*command.split())
    assert done.exit_code == 0, done.output
    assert f"Lifting the lock of a process that was killed (process {dead} of alice on " in (
        done.output
    )
    here.lock(os.getpid(), since="2020-01-01T00:00:00Z")  # its number is another's by now
    assert here.do(*command.split()).exit_code == 0


@pytest.mark.parametrize("whose", ["of somebody alive", "of another machine", "somewhere else"])
def test_the_lock_of_a_living_process_or_another_machine_is_not_lifted(
    here: Workplace, dead: int, whose: str
):
    if whose == "somewhere else":  # where two machines may have one name
        here.monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://boards")
    pid = os.getpid() if whose == "of somebody alive" else dead
    here.lock(
        pid, host="far" if whose == "of another machine" else "", since="2099-01-01T08:00:00Z"
    )
    done = here.do("up", "--image", "board:1")
    assert done.exit_code == 1
    said = done.output.splitlines()[-1]
    assert said.startswith(
        f"Error: Something is changing stack board already: process {pid} of alice on "
    )
    assert said.endswith(
        ", since 2099-01-01 08:00:00 UTC. "
        "If it was killed, run `pulumi cancel --stack board` in infra/."
    )
    assert not [line for line in here.said_to("pulumi") if "cancel" in line]


def test_what_a_killed_process_was_making_is_taken_up_or_deleted(here: Workplace):
    leave(
        here,
        being_made("v1", "Service", "web", autonamed=False),
        being_made("batch/v1", "Job", "migrate-1", autonamed=True),
        being_made("batch/v1", "Job", "migrate-2", autonamed=True),
        being_made("v1", "Secret", "gone-1", autonamed=True),
    )
    done = here.do("up")
    assert done.exit_code == 0, done.output
    assert "Job migrate-2, left by a process that was killed, is deleted.\n" in done.output
    left = [path for path in here.api.answers if path.startswith(JOBS)]
    assert left == [f"{JOBS}/migrate-1"]  # which the engine knows
    (up,) = [call["environ"] for call in here.calls if " up " in f" {' '.join(call['args'])} "]
    assert up["PULUMI_K8S_UPSERT_EXISTING_OBJECTS"] == "true"
    assert here.memory["state"]["pending_operations"] == []
    here.do("up")
    assert "PULUMI_K8S_UPSERT_EXISTING_OBJECTS" not in here.calls[-1]["environ"]


def test_nothing_is_taken_from_a_process_that_is_alive(here: Workplace):
    leave(here, being_made("batch/v1", "Job", "migrate-2", autonamed=True))
    here.lock(os.getpid())
    assert here.do("up").exit_code == 1
    assert f"{JOBS}/migrate-2" in here.api.answers
    assert here.memory["state"]["pending_operations"]
