"""What keeps a pod from starting, beside its containers: nodes, volumes, probes, its end."""

from math import inf

from infra.commands.belongings import Object, Seen
from infra.commands.container_troubles import of_container
from infra.commands.trouble import LONG, SHORT, Trouble, for_space, how_ended, maker_of

SETTLED = 20  # seconds after which a probe that fails is worth a line


def of_pod(pod: Object, seen: Seen) -> Trouble | None:
    status = pod.get("status", {})
    if status.get("phase") == "Succeeded":
        return None
    if status.get("phase") == "Failed":
        return _failed(pod, seen)
    if trouble := _unscheduled(pod, seen):
        return trouble
    for container in (
        *status.get("initContainerStatuses", []),
        *status.get("containerStatuses", []),
    ):
        if trouble := of_container(pod, container):
            return trouble
    return _unmounted(pod, seen) or _unready(pod, seen)


def _failed(pod: Object, seen: Seen) -> Trouble:
    """Tell of a Job's pod that failed: for good, if the Job does not try again."""
    name, job = pod["metadata"]["name"], maker_of(pod)
    states = [each.get("state", {}) for each in pod["status"].get("containerStatuses", [])]
    ended = next((state["terminated"] for state in states if "terminated" in state), {})
    how = how_ended(ended) if ended else pod["status"].get("reason", "it never ran")
    return Trouble(
        f"failed {job}",
        f"Job {job} failed ({how})",
        0 if _is_given_up(job, seen) else inf,
        quiet=0,
        pod=name,
    )


def _is_given_up(name: str, seen: Seen) -> bool:
    return any(
        condition["type"] in {"Failed", "FailureTarget"} and condition["status"] == "True"
        for job in seen.jobs
        if job["metadata"]["name"] == name
        for condition in job.get("status", {}).get("conditions", [])
    )


def _unscheduled(pod: Object, seen: Seen) -> Trouble | None:
    name = pod["metadata"]["name"]
    for condition in pod["status"].get("conditions", []):
        if condition["type"] != "PodScheduled" or condition["status"] != "False":
            continue
        reason = condition.get("message", "").partition(" preemption:")[0]
        reason = reason.partition(" no new claims")[0].rstrip(".")
        grows = seen.events_of("Pod", name, "TriggeredScaleUp")
        return Trouble(
            f"no node {maker_of(pod)}",
            f"Pod {name} finds no node: {reason}.",
            inf if grows else for_space(seen),
            quiet=6,
        )
    return None


def _unmounted(pod: Object, seen: Seen) -> Trouble | None:
    name = pod["metadata"]["name"]
    states = [each.get("state", {}) for each in pod["status"].get("containerStatuses", [])]
    if not all(state.get("waiting", {}).get("reason") == "ContainerCreating" for state in states):
        return None
    said = seen.events_of(
        "Pod", name, "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"
    )
    if not said:
        return None
    reason = said[-1]["message"].strip().rstrip(".")
    return Trouble(
        f"start {maker_of(pod)}",
        f"Pod {name} can't start: {reason}.",
        SHORT if "not found" in reason else LONG,
    )


def _unready(pod: Object, seen: Seen) -> Trouble | None:
    name = pod["metadata"]["name"]
    conditions = {each["type"]: each["status"] for each in pod["status"].get("conditions", [])}
    said = seen.events_of("Pod", name, "Unhealthy")
    if conditions.get("Ready") == "True" or not said:
        return None
    reason = said[-1]["message"].strip().rstrip(":.")
    return Trouble(
        f"ready {maker_of(pod)}", f"Pod {name} is not ready: {reason}.", inf, quiet=SETTLED
    )
