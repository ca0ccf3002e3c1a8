"""Each alert fires when it should, says what it should, and keeps quiet about the rest."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.monitoring.alert import Alert
from infra.monitoring.alerts import ALERTS
from infra.monitoring.rules import rule_file
from tests.monitoring import programs
from tests.monitoring.cases import CASES, SCENES, Case, Series

Expected = dict[int, dict[str, list[Any]]]  # alerts by minute and name


def asked(series: Series, expected: Expected, step: int = 1) -> dict[str, Any]:
    """Return a test as promtool reads it."""
    return {
        "interval": f"{step}m",
        "input_series": [
            {"series": _of_board(name), "values": values} for name, values in series.items()
        ],
        "alert_rule_test": [
            {"eval_time": f"{minute}m", "alertname": name, "exp_alerts": alerts}
            for minute, by_name in expected.items()
            for name, alerts in by_name.items()
        ],
    }


def _of_board(series: str) -> str:
    return series if 'job="' in series else series.replace("{", '{job="board",')


def quiet(series: Series, *alerts: Alert, step: int = 1, every: int = 1) -> dict[str, Any]:
    """Return a test in which none of the alerts fires, for as long as the first series goes on."""
    first = next(iter(series.values()))
    moments = range(0, step * sum(map(int, re.findall(r"x(\d+)", first))), every * step)
    none = {minute: {each.name: [] for each in alerts} for minute in moments}
    return asked(series, none, step)


def loud(case: Case, alert: Alert) -> dict[str, Any]:
    labels = {"job": "board", "severity": alert.severity, **case.labels}
    texts = {"summary": alert.summary, "description": case.says, "runbook": alert.todo}
    fired = {"exp_labels": labels, "exp_annotations": texts}
    return asked(case.wrong, {case.at: {alert.name: [fired]}}, case.step)


def check(folder: Path, alerts: tuple[Alert, ...], *tests: dict[str, Any]) -> None:
    (folder / "rules.yml").write_text(rule_file(alerts))
    every = tests[0]["interval"]
    content = {"rule_files": ["rules.yml"], "evaluation_interval": every, "tests": list(tests)}
    (folder / "tests.yml").write_text(yaml.safe_dump(content))
    programs.run("promtool", "test", "rules", str(folder / "tests.yml"))


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_an_alert_fires_on_what_is_wrong_alone(alert: Alert, tmp_path: Path) -> None:
    cases = [case for case in CASES if case.alert == alert.name]
    assert cases
    harmless = [quiet(case.harmless, alert, step=case.step) for case in cases]
    check(tmp_path, (alert,), *harmless, *[loud(case, alert) for case in cases])


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_fires_while_all_goes_as_it_should(scene: str, tmp_path: Path) -> None:
    check(tmp_path, ALERTS, quiet(SCENES[scene], *ALERTS, every=5))


def test_prometheus_takes_the_rules(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(rule_file())
    found = programs.run("promtool", "check", "rules", str(tmp_path / "rules.yml"))
    assert f"SUCCESS: {len(ALERTS)} rules found" in found
