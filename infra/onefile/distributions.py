"""Which installed distributions the program needs, and which it does not."""

import re
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import Requirement

PROGRAM = "htmx-fastapi-service"


def needed() -> dict[str, metadata.Distribution]:
    """Return what the program needs to run, itself aside, by normalized name."""
    found: dict[str, metadata.Distribution] = {}
    wanted = [(PROGRAM, frozenset[str]())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        name, extras = entry = wanted.pop()
        if entry in seen:
            continue
        seen.add(entry)
        distribution = metadata.distribution(name)
        found[name] = distribution
        wanted += _requirements(distribution, extras)
    del found[PROGRAM]
    return dict(sorted(found.items()))


def _requirements(
    distribution: metadata.Distribution, extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    for line in distribution.requires or ():
        requirement = Requirement(line)
        environments = [{"extra": extra} for extra in extras or {""}]
        if not requirement.marker or any(map(requirement.marker.evaluate, environments)):
            yield normalized(requirement.name), frozenset(requirement.extras)


def unneeded_modules() -> list[str]:
    """Return the modules of what only developers have: none of them may slip into the build."""
    kept = needed().keys() | {PROGRAM}
    owners = metadata.packages_distributions()
    return sorted(
        module for module, names in owners.items() if not kept & set(map(normalized, names))
    )


def normalized(name: str) -> str:
    """Return a distribution's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
