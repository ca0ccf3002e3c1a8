"""One thing that is the matter in the cluster, and how long it may be before all is ended."""

from dataclasses import dataclass

from infra.commands.belongings import Object, Seen

SOON = 4  # seconds, for what never heals by itself
SHORT = 15  # for what hardly ever does: so that half a minute is enough to know
LONG = 120  # for what often does


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


def for_space(seen: Seen) -> float:
    """Return how long to wait for space, which pods that end give back."""
    return LONG if seen.some_pod_ends else SHORT


def maker_of(pod: Object) -> str:
    return pod["metadata"]["ownerReferences"][0]["name"]


def how_ended(ended: Object) -> str:
    """Return how a program ended: by its exit code, unless something else ended it."""
    reason = ended.get("reason")
    return reason if reason == "OOMKilled" else f"exit code {ended.get('exitCode')}"
