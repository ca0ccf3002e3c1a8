"""What watches the board, as files for a Prometheus and a Grafana of one's own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infra.monitoring.__main__ import main
from infra.monitoring.dashboards import dashboard
from infra.monitoring.queries import JOB
from tests.monitoring import programs

FILES = {"alertmanager.yml", "board-dashboard.json", "board-rules.yml", "prometheus.yml"}


def write(folder: Path) -> Result:
    return CliRunner().invoke(main, [str(folder)])


@pytest.fixture
def written(tmp_path: Path) -> Path:
    assert write(tmp_path / "made").exit_code == 0
    return tmp_path / "made"


def test_it_says_what_it_writes(tmp_path: Path) -> None:
    said = write(tmp_path).stdout.splitlines()
    assert sorted(said) == [f"Wrote {tmp_path / name}" for name in sorted(FILES)]
    assert {each.name for each in tmp_path.iterdir()} == FILES
    assert json.loads((tmp_path / "board-dashboard.json").read_text()) == json.loads(dashboard())


def test_an_example_that_is_in_use_stays_and_the_rest_is_written_anew(written: Path) -> None:
    before = (written / "board-rules.yml").read_text()
    (written / "prometheus.yml").write_text("mine")
    (written / "board-rules.yml").write_text("old")
    assert "prometheus.yml" not in write(written).stdout
    assert (written / "prometheus.yml").read_text() == "mine"
    assert (written / "board-rules.yml").read_text() == before


def test_a_place_that_cant_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        result = write(place)
        assert result.exit_code
        assert str(place) in result.stderr
        assert "Traceback" not in result.stderr


def test_prometheus_takes_its_example_with_the_rules(written: Path) -> None:
    said = programs.run("promtool", "check", "config", str(written / "prometheus.yml"))
    assert "SUCCESS: 1 rule files found" in said
    assert f"job_name: {JOB} " in (written / "prometheus.yml").read_text()


def test_alertmanager_takes_its_example(written: Path) -> None:
    said = programs.run("amtool", "check-config", str(written / "alertmanager.yml"))
    assert "SUCCESS" in said


@pytest.mark.parametrize(("severity", "told"), [("critical", "call,mail"), ("warning", "mail")])
def test_alertmanager_tells_whoever_it_should(written: Path, severity: str, told: str) -> None:
    config = f"--config.file={written / 'alertmanager.yml'}"
    said = programs.run("amtool", "config", "routes", "test", config, f"severity={severity}")
    assert said.strip() == told
