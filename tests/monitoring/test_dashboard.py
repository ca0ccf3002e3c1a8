"""The dashboard is one that Grafana takes, and each panel says what it shows."""

import json
import re
from itertools import combinations
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import units

from infra.monitoring.dashboards import dashboard
from tests.servers import PROJECT

UNITS = {value for name, value in vars(units).items() if name[0].isupper()}
BUILT_IN = ("$__rate_interval",)  # Grafana's own


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return json.loads(dashboard())


def panels(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in made["panels"] if panel["type"] != "row"]


def test_grafanas_model_knows_all_of_it(made: dict[str, Any]) -> None:
    """It is generated from the schemas in grafana/kind-registry, and drops what they lack."""
    register_default_plugins()
    read = JSONEncoder().encode(model.Dashboard.from_json(made))
    assert json.loads(read) == made


def test_it_is_the_same_each_time() -> None:
    assert dashboard() == dashboard()


def test_every_panel_has_a_title_of_its_own_a_description_and_a_unit(made: dict[str, Any]) -> None:
    titles = [each["title"] for each in made["panels"]]
    assert len(set(titles)) == len(titles)
    for panel in panels(made):
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS


def test_every_panel_and_query_is_told_from_the_others(made: dict[str, Any]) -> None:
    numbers = [each["id"] for each in made["panels"]]
    assert len(set(numbers)) == len(numbers)
    for panel in panels(made):
        letters = [each["refId"] for each in panel["targets"]]
        names = [each["legendFormat"] for each in panel["targets"]]
        assert len(set(letters)) == len(set(names)) == len(panel["targets"]) > 0


def test_no_panel_lies_on_another(made: dict[str, Any]) -> None:
    places = [each["gridPos"] for each in made["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def test_the_picture_in_the_readme_has_every_panel(made: dict[str, Any]) -> None:
    """`python -m tests.monitoring` draws it anew."""
    picture = (PROJECT / "static" / "src" / "dashboard.svg").read_text()
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", picture)
    shown = [each["title"] for each in made["panels"]]
    assert [each for each in texts if each in shown] == shown
    assert "](static/src/dashboard.svg)" in (PROJECT / "README.md").read_text()


def test_every_query_follows_what_is_chosen_above(made: dict[str, Any]) -> None:
    chosen = {each["name"] for each in made["templating"]["list"]} - {"datasource"}
    assert chosen == {"job", "namespace", "instance"}
    for panel in panels(made):
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        for target in panel["targets"]:
            assert all(f"${name}" in target["expr"] for name in chosen)
            left = target["expr"]
            for name in BUILT_IN + tuple(f'"${each}"' for each in chosen):
                left = left.replace(name, "")
            assert "$" not in left
