"""What keeps a pod from starting, read off objects as a cluster gave them."""

from math import inf
from typing import Any

import pytest

from infra.commands.belongings import Seen
from infra.commands.trouble import LONG, SHORT, SOON, Trouble
from infra.commands.troubles import troubles
from tests.infra.recorded import Object, container, event, owned, pod, replicaset

WEB = {("Deployment", "web")}
JOB = {("Job", "migrate-1")}
BY_WEB = ("ReplicaSet", "web-2")
LOOKUP = "dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: no such host"
WRAPPED = (
    'Back-off pulling image "board:2": ErrImagePull: rpc error: code = NotFound desc = failed to '
    'pull and unpack image "docker.io/library/board:2": failed to resolve reference '
    '"docker.io/library/board:2": '
)


def of_web(status: Object, *, events: list[Object] | None = None, **more: Any) -> list[Trouble]:
    """Return the troubles with a new pod of the board, beside one of before that fails as well."""
    before = pod("web-1-a", ("ReplicaSet", "web-1"), waiting("ImagePullBackOff", "old"))
    seen = Seen(
        pods=[before, pod("web-2-b", BY_WEB, status, **more)],
        replicasets=[replicaset("web-2", 2), replicaset("web-1", 1)],
        events=events or [],
    )
    return troubles(seen, WEB)


def waiting(reason: str, message: str = "", **more: Any) -> Object:
    state = {"reason": reason, "message": message}
    return {"phase": "Pending", "containerStatuses": [container("web", waiting=state, **more)]}


@pytest.mark.parametrize(
    ("reason", "said", "told", "patience"),
    [
        ("ErrImagePull", LOOKUP, LOOKUP, SHORT),
        ("ImagePullBackOff", f"{WRAPPED}{LOOKUP}", LOOKUP, SHORT),
        (
            "ImagePullBackOff",
            f"{WRAPPED}docker.io/library/board:2: not found",
            "docker.io/library/board:2: not found",
            SOON,
        ),
        ("ErrImagePull", "429 Too Many Requests", "429 Too Many Requests", LONG),
    ],
)
def test_an_image_that_cannot_be_pulled_is_told(reason: str, said: str, told: str, patience: float):
    (trouble,) = of_web(waiting(reason, said, image="board:2"))
    assert trouble.sentence == f"Image board:2 of pod web-2-b can't be pulled: {told}."
    assert trouble.patience == patience


def test_an_image_with_an_impossible_name_is_told():
    (trouble,) = of_web(waiting("InvalidImageName", image="board::2"))
    assert trouble.sentence == "Image board::2 of pod web-2-b has no name that can be pulled."
    assert trouble.patience == SOON


def unscheduled(message: str) -> Object:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    return {"phase": "Pending", "conditions": [condition | {"message": message}]}


NO_ROOM = (
    "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
    "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
)


def test_a_pod_for_which_no_node_has_space_is_told():
    (trouble,) = of_web(unscheduled(NO_ROOM))
    assert trouble.sentence == (
        "Pod web-2-b finds no node: 0/1 nodes are available: 1 Insufficient cpu."
    )
    assert trouble.patience == SHORT


def test_up_waits_for_the_nodes_that_an_autoscaler_adds():
    adds = event("Pod", "web-2-b", "TriggeredScaleUp", "pod triggered scale-up: [{group 1->2}]")
    (trouble,) = of_web(unscheduled(NO_ROOM), events=[adds])
    assert trouble.patience == inf


def test_up_waits_for_the_space_of_pods_that_end():
    ending = {"deletionTimestamp": "2026-11-28T09:00:00Z"}
    seen = Seen(
        pods=[
            pod("web-2-b", BY_WEB, unscheduled(NO_ROOM)),
            pod("web-1-a", ("ReplicaSet", "web-1"), {"phase": "Running"}, metadata=ending),
        ],
        replicasets=[replicaset("web-1", 1), replicaset("web-2", 2)],
    )
    assert [trouble.patience for trouble in troubles(seen, WEB)] == [LONG]


@pytest.mark.parametrize(
    ("reason", "message", "patience"),
    [
        ("ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found', SOON),
        ("FailedBinding", "no persistent volumes available for this claim", SHORT),
        ("ExternalProvisioning", "Waiting for a volume to be created", LONG),
    ],
)
def test_a_claim_without_a_volume_is_told(reason: str, message: str, patience: float):
    claim = {"metadata": {"name": "data"}, "status": {"phase": "Pending"}}
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    seen = Seen(
        pods=[pod("migrate-1-x", ("Job", "migrate-1"), {}, volumes=[volume])],
        claims=[claim, {"metadata": {"name": "other"}, "status": {"phase": "Pending"}}],
        events=[
            event("PersistentVolumeClaim", name, reason, message) for name in ("data", "other")
        ],
    )
    (trouble,) = troubles(seen, JOB)
    assert trouble.sentence == f"Claim data gets no volume: {message}."
    assert trouble.patience == patience


QUOTA = (
    'Error creating: pods "web-2-x" is forbidden: exceeded quota: quota, requested: pods=1, '
    "used: pods=5, limited: pods=5"
)


@pytest.mark.parametrize(
    ("message", "patience"),
    [
        (QUOTA, SHORT),
        (
            'Error creating: pods "web-2-x" is forbidden: violates PodSecurity "restricted:v1.37": '
            "runAsNonRoot != true",
            SOON,
        ),
    ],
)
def test_a_pod_that_may_not_be_made_is_told(message: str, patience: float):
    seen = Seen(
        replicasets=[replicaset("web-2", 2)],
        events=[event("ReplicaSet", "web-2", "FailedCreate", message, at=2)],
    )
    (trouble,) = troubles(seen, WEB)
    reason = message.partition("forbidden: ")[2]
    assert trouble.sentence == f"ReplicaSet web-2 may not make its pod: {reason}."
    assert trouble.patience == patience
    made = event("ReplicaSet", "web-2", "SuccessfulCreate", "Created pod: web-2-y", at=3)
    assert troubles(Seen(replicasets=seen.replicasets, events=[*seen.events, made]), WEB) == []


NO_PROGRAM = 'exec: "nginx": executable file not found in $PATH: unknown'


def test_a_secret_that_is_missing_is_told():
    (trouble,) = of_web(waiting("CreateContainerConfigError", 'secret "key" not found'))
    assert (trouble.sentence, trouble.patience) == (
        'Pod web-2-b can\'t start: secret "key" not found.',
        SHORT,
    )
    why = 'MountVolume.SetUp failed for volume "secrets" : secret "key" not found'
    mounting = event("Pod", "web-2-b", "FailedMount", why)
    (trouble,) = of_web(waiting("ContainerCreating"), events=[mounting])
    assert trouble.sentence == f"Pod web-2-b can't start: {why}."


@pytest.mark.parametrize(
    "status",
    [
        waiting("RunContainerError", f"failed to create containerd task: {NO_PROGRAM}"),
        waiting(
            "CrashLoopBackOff",
            restarts=1,
            before={"exitCode": 128, "reason": "StartError", "message": NO_PROGRAM},
        ),
    ],
)
def test_a_program_that_is_not_in_the_image_is_told(status: Object):
    (trouble,) = of_web(status)
    assert trouble.sentence == f"Pod web-2-b can't start: {NO_PROGRAM}."
    assert (trouble.about, trouble.patience) == ("start web-2", SHORT)


@pytest.mark.parametrize(("restarts", "patience"), [(1, inf), (2, 2 * SOON)])
def test_a_program_that_ends_again_and_again_is_told(restarts: int, patience: float):
    ended = {"exitCode": 2, "reason": "Error"}
    (trouble,) = of_web(waiting("CrashLoopBackOff", restarts=restarts, before=ended))
    assert trouble.sentence == "Pod web-2-b ends again and again (exit code 2)"
    assert (trouble.pod, trouble.patience) == ("web-2-b", patience)


@pytest.mark.parametrize(("conditions", "patience"), [([], inf), (["Failed"], 0)])
def test_a_job_that_failed_ends_the_up_once_it_is_not_tried_again(
    conditions: list[str], patience: float
):
    ended = container("migrate", terminated={"exitCode": 2, "reason": "Error"})
    status = {"phase": "Failed", "containerStatuses": [ended]}
    given_up = [{"type": name, "status": "True"} for name in conditions]
    seen = Seen(
        pods=[pod("migrate-1-x", ("Job", "migrate-1"), status)],
        jobs=[{"metadata": {"name": "migrate-1"}, "status": {"conditions": given_up}}],
    )
    (trouble,) = troubles(seen, JOB)
    assert trouble.sentence == "Job migrate-1 failed (exit code 2)"
    assert (trouble.pod, trouble.patience) == ("migrate-1-x", patience)


def test_a_probe_that_fails_is_told_late_and_ends_nothing():
    status = {"phase": "Running", "containerStatuses": [container("web", running={})]}
    why = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    (trouble,) = of_web(status, events=[event("Pod", "web-2-b", "Unhealthy", why)])
    assert trouble.sentence == f"Pod web-2-b is not ready: {why}."
    assert (trouble.patience, trouble.quiet) == (inf, 20)


def test_two_pods_with_the_same_trouble_are_told_once():
    pods = [pod(f"web-2-{end}", BY_WEB, waiting("ErrImagePull", LOOKUP)) for end in "ab"]
    seen = Seen(pods=pods, replicasets=[replicaset("web-2", 2)])
    assert len(troubles(seen, WEB)) == 1


def test_a_stateful_sets_pod_of_before_is_no_trouble():
    status = {"updateRevision": "postgres-new"}
    one = {"metadata": owned("", "", "postgres"), "status": status}
    labels = {"controller-revision-hash": "postgres-old"}
    by = ("StatefulSet", "postgres")
    old = pod("postgres-0", by, waiting("ErrImagePull", LOOKUP), labels=labels)
    assert troubles(Seen(pods=[old], statefulsets=[one]), {by}) == []
    labels["controller-revision-hash"] = "postgres-new"
    new = pod("postgres-0", by, waiting("ErrImagePull", LOOKUP), labels=labels)
    assert len(troubles(Seen(pods=[new], statefulsets=[one]), {by})) == 1


def test_a_pod_that_ends_is_no_trouble():
    ending = {"deletionTimestamp": "2026-11-28T09:00:00Z"}
    assert of_web(waiting("ErrImagePull", LOOKUP), metadata=ending) == []


def test_a_pod_that_the_engine_does_not_wait_for_is_no_trouble():
    one = pod("migrate-0-x", ("Job", "migrate-0"), waiting("ErrImagePull", LOOKUP))
    assert troubles(Seen(pods=[one]), JOB) == []


def test_pods_of_every_node_are_looked_at():
    status = waiting("ImagePullBackOff", f"{WRAPPED}docker.io/library/board:2: not found")
    seen = Seen(pods=[pod("filebeat-a", ("DaemonSet", "filebeat"), status)])
    (trouble,) = troubles(seen, {("DaemonSet", "filebeat")})
    assert trouble.sentence.startswith("Image board:1 of pod filebeat-a can't be pulled:")
