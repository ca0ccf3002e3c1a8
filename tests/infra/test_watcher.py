"""The eyes of an `up`: the official client on a stand-in API server."""

import signal
from pathlib import Path

import pytest

from infra.commands import showing
from infra.commands.cluster import Cluster
from infra.commands.progress import Progress
from infra.commands.watcher import Watcher
from tests.infra.api_server import ApiServer
from tests.infra.events import step
from tests.infra.recorded import Object, container, event, pod, replicaset
from tests.infra.workplace import Workplace

FAILED = {
    "phase": "Failed",
    "containerStatuses": [container("migrate", terminated={"exitCode": 2, "reason": "Error"})],
}
GIVEN_UP = {"conditions": [{"type": "Failed", "status": "True"}]}


class Watch:
    """A watcher of namespace `board`, with a clock of its own, for an engine that waits."""

    def __init__(self, kind: str, name: str) -> None:
        self.now = 0.0
        self.lines: list[str] = []
        self.reasons: list[str] = []
        self.progress = Progress(lambda line: None)
        self.progress.on_event(step("resourcePreEvent", "create", kind, name))
        self.watcher = Watcher(
            Cluster("first"), "board", self.lines.append, self.reasons.append, lambda: self.now
        )

    def look(self, after: float = 2) -> None:
        self.now += after
        self.watcher.look(self.progress)


def unpulled(image: str = "board:2") -> dict[str, list[Object]]:
    state = container("web", image, waiting={"reason": "ErrImagePull", "message": "no such host"})
    status = {"phase": "Pending", "containerStatuses": [state]}
    return {
        "pods": [pod("web-1-a", ("ReplicaSet", "web-1"), status)],
        "replicasets": [replicaset("web-1", 1)],
    }


def test_a_trouble_that_lasts_is_told_and_then_ends_the_up(api: ApiServer):
    watch = Watch("kubernetes:apps/v1:Deployment", "web")
    api.hold("board", **unpulled())
    watch.look()
    assert watch.lines == []
    watch.look(4)
    sentence = "Image board:2 of pod web-1-a can't be pulled: no such host."
    assert watch.lines == [f"  {sentence}"]
    watch.look(4)
    assert len(watch.lines) == 1
    assert watch.reasons == []
    watch.look(10)
    assert watch.reasons == [sentence]


def test_a_trouble_that_heals_by_itself_ends_nothing(api: ApiServer):
    watch = Watch("kubernetes:apps/v1:Deployment", "web")
    for _ in range(3):
        api.hold("board", **unpulled())
        watch.look(10)
        api.serve_board("board")
        watch.look(10)
    assert watch.reasons == []


def test_a_failed_job_ends_the_up_with_the_last_words_of_its_program(api: ApiServer):
    watch = Watch("kubernetes:batch/v1:Job", "migrate")
    failed = pod("migrate-x", ("Job", "migrate"), FAILED)
    jobs = [{"metadata": {"name": "migrate"}, "status": GIVEN_UP}]
    api.hold("board", pods=[failed], jobs=jobs)
    log = "Applied 0001_board.\n\nThe schema is newer than this release.\n"
    api.answers["/api/v1/namespaces/board/pods/migrate-x/log"] = log
    watch.look()
    assert watch.lines == [
        "  Job migrate failed (exit code 2).",
        "    | Applied 0001_board.",
        "    | The schema is newer than this release.",
    ]
    assert watch.reasons == [
        "Job migrate failed (exit code 2): The schema is newer than this release."
    ]


def test_why_the_engine_failed_is_seen_afterwards(api: ApiServer):
    watch = Watch("kubernetes:apps/v1:Deployment", "web")
    api.hold("board", **unpulled())
    assert watch.watcher.why(watch.progress) == ""
    watch.progress.on_event(
        step("resOpFailedEvent", "create", "kubernetes:apps/v1:Deployment", "web")
    )
    assert watch.watcher.why(watch.progress) == (
        "Image board:2 of pod web-1-a can't be pulled: no such host."
    )


def test_events_from_before_the_up_are_no_trouble(api: ApiServer):
    forbidden = event("ReplicaSet", "web-1", "FailedCreate", "web-1-x is forbidden: no", at=1)
    watch = Watch("kubernetes:apps/v1:Deployment", "web")
    api.hold("board", events=[forbidden], replicasets=[replicaset("web-1", 1)])
    for _ in range(3):
        watch.look(10)
    assert watch.reasons == []
    again = event("ReplicaSet", "web-1", "FailedCreate", "web-1-x is forbidden: no", at=2)
    api.hold("board", events=[again])
    watch.look()
    watch.look(10)
    assert watch.reasons == ["ReplicaSet web-1 may not make its pod: no."]


def test_a_server_that_is_away_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    ApiServer("http://127.0.0.1:9").know(tmp_path / "kubeconfig", "first")
    watch = Watch("kubernetes:apps/v1:Deployment", "web")
    watch.look()
    assert (watch.lines, watch.reasons) == ([], [])


def test_objects_that_may_not_be_read_are_told_once(api: ApiServer):
    api.hold("board", **unpulled())
    api.answers["/api/v1/namespaces/board/events"] = 403
    watch = Watch("kubernetes:apps/v1:Deployment", "web")
    watch.look()
    watch.look()
    assert watch.lines == [
        "  You may not read events there, so their troubles stay unseen.",
    ]


@pytest.mark.parametrize("namespace", ["htmx-fastapi", "htmx-fastapi-monitoring"])
def test_the_last_line_of_up_is_the_trouble(here: Workplace, namespace: str):
    here.know_settings("board", monitoring="own")
    here.be_real()  # so that the engine's events are told
    here.hold_up()
    here.monkeypatch.setattr(showing, "BEAT", 0.05)
    failed = pod("migrate-1-x", ("Job", "migrate-1"), FAILED)
    jobs = [{"metadata": {"name": "migrate-1"}, "status": GIVEN_UP}]
    here.api.hold(namespace, pods=[failed], jobs=jobs)
    log = f"/api/v1/namespaces/{namespace}/pods/migrate-1-x/log"
    here.api.answers[log] = "The schema is newer than this release.\n"
    done = here.do("up", "--image", "board:1")
    assert done.exit_code == 1
    assert done.output.splitlines()[-3:] == [
        "  Job migrate-1 failed (exit code 2).",
        "    | The schema is newer than this release.",
        "Error: Job migrate-1 failed (exit code 2): The schema is newer than this release.",
    ]
    assert here.signals_to_the_engine == [signal.SIGINT]
