"""One alert: what is measured, when it is wrong, and what whoever hears of it does."""

from dataclasses import dataclass
from typing import Any, Literal

from infra.monitoring.queries import of


@dataclass(frozen=True)
class Alert:
    """What is measured, and when it is wrong.

    `measures` has a value while all is well, too, wherever there is what it asks about; `when`
    leaves of it what is wrong, if it stays so for `after`. `summary` and `todo` are its line of
    the runbook, which is in infra/README.md; `says` is a template of Prometheus's.
    """

    name: str
    severity: Literal["critical", "warning"]
    measures: str
    when: str
    after: str
    summary: str
    says: str
    todo: str

    def rule(self, where: str) -> dict[str, Any]:
        """Return the rule, as a rule file and a PrometheusRule have it."""
        return {
            "alert": self.name,
            "expr": of(where, f"{self.measures} {self.when}"),
            "for": self.after,
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.summary,
                "description": self.says,
                "runbook": self.todo,
            },
        }
