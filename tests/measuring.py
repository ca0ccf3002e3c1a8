"""What an application in this process has measured."""

from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry

from service.base import metrics

Series = tuple[str, frozenset[tuple[str, str]]]


class Measured:
    """What is measured from here on; metrics go by their names without `board_`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def value(self, name: str, **labels: str) -> float | None:
        return self._registry.get_sample_value(f"board_{name}", labels)

    def series(self) -> set[Series]:
        return {
            (each.name, frozenset(each.labels.items()))
            for family in self._registry.collect()
            for each in family.samples
        }

    def said(self, name: str, label: str) -> set[str]:
        """Return all that a label of a metric says."""
        found = (labels for each, labels in self.series() if each == f"board_{name}")
        return {text for labels in found for each, text in labels if each == label}


@contextmanager
def measuring() -> Generator[Measured]:
    registry = CollectorRegistry()
    metrics.begin(registry)
    yield Measured(registry)
    metrics.end()
