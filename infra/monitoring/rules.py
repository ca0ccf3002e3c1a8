"""The rules: groups, as a rule file and the operator's PrometheusRule hold them.

All are alerts. Recording rules would not pay: a board has few series, and no query asks for
more than an hour of them.
"""

from collections.abc import Iterable
from typing import Any

import yaml

from infra.monitoring.alert import Alert
from infra.monitoring.alerts import ALERTS
from infra.monitoring.queries import JOB


def groups(where: str = f'job="{JOB}"', alerts: Iterable[Alert] = ALERTS) -> list[dict[str, Any]]:
    """Return the groups of rules for the board whose series have these labels."""
    return [{"name": "board", "rules": [each.rule(where) for each in alerts]}]


def rule_file(alerts: Iterable[Alert] = ALERTS) -> str:
    """Return the rules as Prometheus reads them."""
    return yaml.safe_dump({"groups": groups(alerts=alerts)}, sort_keys=False, width=100)
