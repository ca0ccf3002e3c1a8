"""Which pods and claims are those that the engine waits for now."""

from dataclasses import dataclass, field

from infra.commands.cluster import Object

Name = tuple[str, str]  # kind and name
REVISION = "deployment.kubernetes.io/revision"
HASH = "controller-revision-hash"


@dataclass(frozen=True)
class Seen:
    """A namespace's objects at one look."""

    pods: list[Object] = field(default_factory=list)
    events: list[Object] = field(default_factory=list)
    claims: list[Object] = field(default_factory=list)
    jobs: list[Object] = field(default_factory=list)
    replicasets: list[Object] = field(default_factory=list)
    statefulsets: list[Object] = field(default_factory=list)

    @property
    def some_pod_ends(self) -> bool:
        return any("deletionTimestamp" in pod["metadata"] for pod in self.pods)

    def events_of(self, kind: str, name: str, *reasons: str) -> list[Object]:
        """Return what was said of an object, the newest last."""
        said = [
            event
            for event in self.events
            if (event["involvedObject"].get("kind"), event["involvedObject"].get("name"))
            == (kind, name)
            and event.get("reason") in reasons
        ]
        return sorted(said, key=lambda event: event.get("lastTimestamp") or "")


def makers(seen: Seen, wanted: set[Name]) -> set[Name]:
    """Return who makes the pods of what is waited for, as it is wanted now."""
    jobs = {each for each in wanted if each[0] == "Job"}
    sets = {each for each in wanted if each[0] in {"StatefulSet", "DaemonSet"}}
    newest: dict[str, tuple[int, str]] = {}
    for one in seen.replicasets:
        kind, deployment = _owner(one)
        if (kind, deployment) in wanted:
            revision = int(one["metadata"].get("annotations", {}).get(REVISION, 0))
            found = (revision, one["metadata"]["name"])
            newest[deployment] = max(newest.get(deployment, found), found)
    return jobs | sets | {("ReplicaSet", name) for _, name in newest.values()}


def pods(seen: Seen, by: set[Name]) -> list[Object]:
    """Return the pods that these have made and that are to stay."""
    return [
        pod
        for pod in seen.pods
        if _owner(pod) in by
        and "deletionTimestamp" not in pod["metadata"]
        and not _is_of_before(pod, seen)
    ]


def claims(seen: Seen, wanted: set[Name], of: list[Object]) -> list[Object]:
    """Return the claims that are waited for, or whose volumes these pods need."""
    volumes = [volume for pod in of for volume in pod["spec"].get("volumes", [])]
    needed = {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in volumes
        if "persistentVolumeClaim" in volume
    } | {name for kind, name in wanted if kind == "PersistentVolumeClaim"}
    return [claim for claim in seen.claims if claim["metadata"]["name"] in needed]


def _owner(one: Object) -> Name:
    for owner in one["metadata"].get("ownerReferences", []):
        return owner["kind"], owner["name"]
    return "", ""


def _is_of_before(pod: Object, seen: Seen) -> bool:
    """Whether a StatefulSet's pod is not the one that it should be now."""
    kind, name = _owner(pod)
    for one in seen.statefulsets:
        if kind == "StatefulSet" and one["metadata"]["name"] == name:
            wanted = one.get("status", {}).get("updateRevision")
            return wanted != pod["metadata"].get("labels", {}).get(HASH)
    return False
