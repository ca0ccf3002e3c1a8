"""What keeps a pod from starting: read off the cluster's objects, in a sentence each."""

from infra.commands.belongings import Name, Object, Seen, claims, makers, pods
from infra.commands.container_troubles import IN_VAIN
from infra.commands.pod_troubles import of_pod
from infra.commands.trouble import LONG, SHORT, SOON, Trouble, for_space


def troubles(seen: Seen, wanted: set[Name]) -> list[Trouble]:
    """Return what is the matter with what the engine waits for, once for each cause."""
    by = makers(seen, wanted)
    concerned = pods(seen, by)
    unbound = [_unbound(claim, seen) for claim in claims(seen, wanted, concerned)]
    found = [*unbound, *(_forbidden(maker, seen) for maker in sorted(by))]
    found += [of_pod(pod, seen) for pod in concerned]
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
        for_space(seen) if "exceeded quota" in reason else SOON,
    )


def _when(event: Object) -> str:
    return event.get("lastTimestamp") or event.get("eventTime") or ""
