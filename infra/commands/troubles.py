"""What keeps a pod from starting: read off the cluster's objects, in a sentence each."""

import re
from dataclasses import dataclass
from math import inf

from infra.commands.belongings import Name, Object, Seen, claims, makers, pods

SOON = 4  # seconds, for what never heals by itself
SHORT = 15  # for what hardly ever does: so that half a minute is enough to know
LONG = 120  # for what often does
SETTLED = 20  # seconds after which a probe that fails is worth a line
TRIES = 2  # starts again, after which a program that ends at once is given up
UNPULLED = {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "RegistryUnavailable"}
UNSTARTED = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
IN_VAIN = re.compile(r"not found|denied|unauthorized|forbidden|no match|manifest unknown", re.I)
PASSING = re.compile(r"toomanyrequests|429|50\d |timeout|deadline|connection reset", re.I)
WRAPPED = re.compile(
    r'Back-off pulling image "[^"]*": |ErrImagePull: |rpc error: code = \w+ desc = '
    r'|failed to pull and unpack image "[^"]*": |failed to resolve reference "[^"]*": '
    r"|failed to create containerd task: |failed to create shim task: |OCI runtime create failed: "
    r"|runc create failed: |unable to start container process: |error during container init: "
    r'|failed to do request: Head "[^"]*": '
)


@dataclass(frozen=True)
class Trouble:
    """Something that is the matter, and for how many seconds it may be before all is ended.

    `about` is the same for all pods with the same trouble. The log of `pod` tells more of it,
    `before` it was started again.
    """

    about: str
    sentence: str
    patience: float
    quiet: float = 3  # seconds before it is worth a line
    pod: str = ""
    before: bool = False


def troubles(seen: Seen, wanted: set[Name]) -> list[Trouble]:
    """Return what is the matter with what the engine waits for, once for each cause."""
    by = makers(seen, wanted)
    concerned = pods(seen, by)
    unbound = [_unbound(claim, seen) for claim in claims(seen, wanted, concerned)]
    found = [*unbound, *(_forbidden(maker, seen) for maker in sorted(by))]
    found += [_of_pod(pod, seen) for pod in concerned]
    return list({trouble.about: trouble for trouble in reversed(found) if trouble}.values())


def _unbound(claim: Object, seen: Seen) -> Trouble | None:
    name = claim["metadata"]["name"]
    if claim.get("status", {}).get("phase") == "Bound":
        return None
    reasons = ("ProvisioningFailed", "FailedBinding", "ExternalProvisioning", "Provisioning")
    said = seen.events_of("PersistentVolumeClaim", name, *reasons)
    if not said:
        return None
    failed = said[-1]["reason"] in {"ProvisioningFailed", "FailedBinding"}
    reason = said[-1]["message"]
    return Trouble(
        f"claim {name}",
        f"Claim {name} gets no volume: {reason.rstrip('.')}.",
        LONG if not failed else SOON if IN_VAIN.search(reason) else SHORT,
    )


def _forbidden(maker: Name, seen: Seen) -> Trouble | None:
    kind, name = maker
    said = seen.events_of(kind, name, "FailedCreate")
    # What was made since, was not forbidden.
    made = seen.events_of(kind, name, "SuccessfulCreate")
    if not said or (made and _when(made[-1]) >= _when(said[-1])):
        return None
    message = said[-1]["message"]
    reason = message.partition(" is forbidden: ")[2] or message
    return Trouble(
        f"forbidden {name}",
        f"{kind} {name} may not make its pod: {reason}.",
        _for_space(seen) if "exceeded quota" in reason else SOON,
    )


def _when(event: Object) -> str:
    return event.get("lastTimestamp") or event.get("eventTime") or ""


def _for_space(seen: Seen) -> float:
    """Return how long to wait for space, which pods that end give back."""
    return LONG if seen.some_pod_ends else SHORT


def _of_pod(pod: Object, seen: Seen) -> Trouble | None:
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
        if trouble := _of_container(pod, container):
            return trouble
    return _unmounted(pod, seen) or _unready(pod, seen)


def _failed(pod: Object, seen: Seen) -> Trouble:
    """Tell of a Job's pod that failed: for good, if the Job does not try again."""
    name, job = pod["metadata"]["name"], _maker_of(pod)
    states = [each.get("state", {}) for each in pod["status"].get("containerStatuses", [])]
    ended = next((state["terminated"] for state in states if "terminated" in state), {})
    how = _how(ended) if ended else pod["status"].get("reason", "it never ran")
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


def _how(ended: Object) -> str:
    """Return how a program ended: by its exit code, unless something else ended it."""
    reason = ended.get("reason")
    return reason if reason == "OOMKilled" else f"exit code {ended.get('exitCode')}"


def _unscheduled(pod: Object, seen: Seen) -> Trouble | None:
    name = pod["metadata"]["name"]
    for condition in pod["status"].get("conditions", []):
        if condition["type"] != "PodScheduled" or condition["status"] != "False":
            continue
        reason = condition.get("message", "").partition(" preemption:")[0]
        reason = reason.partition(" no new claims")[0].rstrip(".")
        grows = seen.events_of("Pod", name, "TriggeredScaleUp")
        return Trouble(
            f"no node {_maker_of(pod)}",
            f"Pod {name} finds no node: {reason}.",
            inf if grows else _for_space(seen),
            quiet=6,
        )
    return None


def _maker_of(pod: Object) -> str:
    return pod["metadata"]["ownerReferences"][0]["name"]


def _of_container(pod: Object, container: Object) -> Trouble | None:
    name = pod["metadata"]["name"]
    waiting = container.get("state", {}).get("waiting", {})
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    if reason == "InvalidImageName":
        return Trouble(
            f"image {container['image']}",
            f"Image {container['image']} of pod {name} has no name that can be pulled.",
            SOON,
        )
    if reason in UNPULLED:
        return _unpulled(name, container["image"], WRAPPED.sub("", message))
    if reason in UNSTARTED:
        return _unstarted(pod, message)
    return _ending(pod, container)


def _unstarted(pod: Object, why: str) -> Trouble:
    sentence = f"Pod {pod['metadata']['name']} can't start: {WRAPPED.sub('', why).rstrip('.')}."
    return Trouble(f"start {_maker_of(pod)}", sentence, SHORT)


def _unpulled(pod: str, image: str, said: str) -> Trouble:
    patience = SOON if IN_VAIN.search(said) else LONG if PASSING.search(said) else SHORT
    return Trouble(
        f"image {image}",
        f"Image {image} of pod {pod} can't be pulled: {said.rstrip('.')}.",
        patience,
    )


def _ending(pod: Object, container: Object) -> Trouble | None:
    """Tell of a program that ends, and is started again."""
    ended = container.get("lastState", {}).get("terminated")
    if not ended or container.get("ready") or not container.get("restartCount"):
        return None
    name = pod["metadata"]["name"]
    if ended.get("reason") == "StartError":
        return _unstarted(pod, ended.get("message", ""))
    return Trouble(
        f"ends {_maker_of(pod)}",
        f"Pod {name} ends again and again ({_how(ended)})",
        2 * SOON if container["restartCount"] >= TRIES else inf,
        pod=name,
        before="running" in container.get("state", {}),
    )


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
        f"start {_maker_of(pod)}",
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
        f"ready {_maker_of(pod)}", f"Pod {name} is not ready: {reason}.", inf, quiet=SETTLED
    )
