"""What has to be true of the objects beyond their schemas, a sentence for each fault."""

from itertools import product

from tests.infra.checks import capacity, fitting, hardening, probes, programs
from tests.infra.objects import Object, parts

CHECKS = (
    fitting.enumerations,
    fitting.names,
    fitting.isolation,
    fitting.selectors,
    fitting.services,
    fitting.existing,
    capacity.availability,
    capacity.quotas,
    capacity.limits,
    capacity.resources,
    hardening.security,
    hardening.images,
    hardening.last_words,
    hardening.mounts,
    probes.probes,
    probes.endings,
    programs.board,
    programs.postgres,
    programs.tasks,
)


def faults(objects: list[Object]) -> list[str]:
    """Return a sentence for everything that is wrong, after the name of its check."""
    found = []
    for part, check in product(parts(objects), CHECKS):
        try:
            found += [f"{check.__name__}: {fault}" for fault in check(part)]
        except (KeyError, IndexError, ArithmeticError, ValueError, TypeError) as fault:
            found.append(f"{check.__name__}: {fault!r}")
    return found
