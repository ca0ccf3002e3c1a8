"""What people read while the engine works."""

import pytest

from infra.commands.causes import sentence
from infra.commands.progress import Progress
from tests.infra.events import said, step, urn

WEB = ("kubernetes:apps/v1:Deployment", "web")
JOB = ("kubernetes:batch/v1:Job", "migrate")
BEGINS, DONE, FAILED = "resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"


class Told:
    """A Progress with a clock of its own, and the lines that it tells."""

    def __init__(self, *, planning: bool = False) -> None:
        self.now = 0.0
        self.lines: list[str] = []
        self.progress = Progress(self.keep, planning=planning, clock=lambda: self.now)

    def keep(self, line: str) -> None:
        self.lines.append(" ".join(line.split()))

    def hear(self, event: str, op: str, of: tuple[str, str], **more: object) -> None:
        self.progress.on_event(step(event, op, *of, **more))

    def hear_of(self, of: tuple[str, str], message: str, severity: str = "info") -> None:
        ephemeral = severity != "error"
        self.progress.on_event(said(severity, message, urn(*of), ephemeral=ephemeral))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.progress.tick()


def test_an_object_is_one_line_when_it_is_done_and_what_stays_is_counted():
    told = Told()
    told.progress.expect(3)
    told.hear(DONE, "same", ("kubernetes:core/v1:Service", "nginx"))
    told.hear(DONE, "create", ("board:infra:Web", "web"), new={})
    told.hear(BEGINS, "create-replacement", JOB)
    told.hear_of(JOB, 'Waiting for Job "board/migrate" to start')
    told.wait(5)
    told.hear(DONE, "create-replacement", JOB, new={"metadata": {"name": "migrate-0a1b"}})
    told.hear(DONE, "replace", JOB)
    told.hear(BEGINS, "update", WEB)
    told.wait(4)
    told.hear(DONE, "update", WEB)
    told.hear(DONE, "delete-replaced", JOB, old={"metadata": {"name": "migrate-9f8e"}})
    assert told.lines == [
        "Job migrate-0a1b made anew 5 s (2 of 3)",
        "Deployment web changed 4 s (3 of 3)",
        "Job migrate-9f8e deleted 0 s (3 of 3)",
    ]
    assert told.progress.summary() == "1 made anew, 1 changed, 1 unchanged, in 9 s."


def test_a_component_is_not_shown_as_an_object():
    told = Told()
    told.progress.on_event(step(DONE, "create", "pulumi:providers:kubernetes", "cluster"))
    assert told.lines == []
    assert told.progress.summary() == "Nothing to do, in 0 s."


def test_up_tells_what_it_waits_for_after_ten_seconds_and_again_after_thirty_more():
    told = Told()
    told.hear(BEGINS, "update", WEB)
    told.hear_of(WEB, "Waiting for app ReplicaSet to be available (0/2 Pods available)\n")
    told.wait(9)
    assert told.lines == []
    told.wait(1)
    told.wait(29)
    told.hear_of(WEB, "[MinimumReplicasUnavailable] Deployment does not.", "warning")
    told.wait(1)
    assert told.lines == [
        "Deployment web: Waiting for app ReplicaSet to be available (0/2 Pods available) (10 s)",
        "Deployment web: [MinimumReplicasUnavailable] Deployment does not. (40 s)",
    ]


def test_up_tells_that_the_engine_is_still_looking():
    told = Told()
    for _ in range(4):
        told.wait(6)
    assert told.lines == [
        "Pulumi looks at what is there (12 s)",
        "Pulumi looks at what is there (24 s)",
    ]


def test_a_preview_says_what_would_be_done_and_why():
    told = Told(planning=True)
    image = "spec.template.spec.containers[0].image"
    told.hear(BEGINS, "update", WEB, paths=[image], new={})
    told.hear(DONE, "update", WEB, paths=[image], new={})
    told.hear(DONE, "create", JOB, new={})
    assert told.lines == [
        f"Deployment web would be changed: {image}",
        "Job migrate would be created",
    ]
    assert told.progress.summary() == "It would be: 1 changed, 1 created. Nothing is done yet."


def test_what_other_hands_changed_is_said_when_it_is_taken_back():
    told = Told()
    replicas = "spec.replicas"
    found, wanted = {"spec": {"replicas": 5}}, {"spec": {"replicas": 2}}
    told.hear(DONE, "refresh", WEB, paths=[replicas], old=wanted, new=found)
    assert told.lines == []
    told.hear(BEGINS, "update", WEB, paths=[replicas], new=found, inputs=wanted)
    told.hear(DONE, "update", WEB, paths=[replicas], new=wanted, inputs=wanted)
    assert told.lines[1] == "Deployment web: spec.replicas was 5, is 2 again"


def test_what_other_hands_deleted_is_made_again_and_said():
    told = Told()
    told.hear(DONE, "refresh", WEB, old={"metadata": {"name": "web"}})
    told.hear(BEGINS, "create", WEB, new={})
    told.hear(DONE, "create", WEB, new={})
    assert told.lines[1] == "Deployment web had been deleted by other hands."


def test_no_value_of_a_secret_is_told():
    told = Told()
    key = ("kubernetes:core/v1:Secret", "key")
    found, wanted = {"data": {"key": "b3RoZXI="}}, {"data": {"key": "c2VjcmV0"}}
    told.hear(DONE, "refresh", key, paths=["data.key"], old=wanted, new=found)
    told.hear(DONE, "update", key, paths=["data.key"], new=wanted, inputs=wanted)
    assert told.lines[1] == (
        "Secret key: data.key had been changed by other hands, and is as it should be again"
    )


def test_a_failure_is_told_with_its_object_and_is_the_cause():
    told = Told()
    told.hear(BEGINS, "update", WEB)
    told.wait(3)
    told.hear_of(
        WEB,
        '2 errors occurred:\n\t* the Kubernetes API server reported that "board/web" failed to '
        "fully initialize or become live: no such class\n\t* and more\n\n",
        "error",
    )
    told.hear(FAILED, "update", WEB)
    told.progress.on_event(said("error", "update failed\n"))
    assert told.lines == [
        "Deployment web: no such class",
        "Deployment web: and more",
        "Deployment web failed 3 s",
    ]
    assert told.progress.cause("error: update failed") == "Deployment web: no such class"
    assert told.progress.waiting() == []


def test_every_fault_of_the_settings_is_named_at_the_end():
    told = Told()
    told.progress.on_event(said("error", "image has no exact tag.\nhost is no name.\n"))
    told.progress.on_event(said("error", "an unhandled error occurred: image has no exact tag.\n"))
    assert told.progress.cause("") == "image has no exact tag.\nhost is no name."


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("error: 10 errors occurred:\n\t* the Job failed\n\t* more", "the Job failed"),
        ("    error: no disk\nerror: update failed", "no disk"),
        ("error: update failed", "Pulumi failed; see above."),
    ],
)
def test_the_last_line_names_a_cause_and_no_count(output: str, cause: str):
    assert sentence(output) == cause
