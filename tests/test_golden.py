"""The golden set: what readers of many scripts expect the search to find, on both databases."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Generator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from service import db, messages, query
from tests.databases import BOTH, fresh_copy
from tests.people import add_person

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden" / "search.json").read_text(encoding="utf-8")
)
POSITIONS = {message["key"]: at for at, message in enumerate(GOLDEN["messages"])}


def label(value: dict[str, Any]) -> str:
    """Name a query in the test's report; what pytest cannot print, it escapes."""
    return "-".join((value["language"], value["query"], value.get("zone", "UTC")))


@pytest.fixture(scope="module", params=BOTH)
def keys(
    request: pytest.FixtureRequest,
    migrated: dict[str, str],
    postgres: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[dict[int, str]]:
    """Post every message once per database; yield the keys by the messages' ids."""
    folder = tmp_path_factory.mktemp("golden")
    with fresh_copy(migrated[request.param], postgres, folder) as url:
        db.open_database(url)
        authors = {name: add_person(name).id for name in GOLDEN["people"]}
        posted: dict[int, str] = {}
        for message in GOLDEN["messages"]:
            moment = dt.datetime.fromisoformat(message["at"])
            view = messages.post(authors[message["author"]], message["text"], timestamp=moment)
            posted[view.id] = message["key"]
        yield posted
        db.close_database()


@pytest.mark.parametrize("expected", GOLDEN["queries"], ids=label)
def test_a_query_finds_all_its_messages_and_no_others(
    keys: dict[int, str], expected: dict[str, Any]
) -> None:
    search = query.parse(expected["query"], expected.get("zone", "UTC"))
    found = messages.page(query=search).messages
    assert [keys[view.id] for view in found] == expected["finds"], expected["why"]
    if search.wanted:
        assert all(query.marks(search, view.text) for view in found)


def test_the_set_has_300_queries_and_15_in_each_of_12_scripts() -> None:
    assert len(GOLDEN["queries"]) >= 300
    counts = Counter(expected["script"] for expected in GOLDEN["queries"])
    assert sum(count >= 15 for count in counts.values()) >= 12


def test_the_set_has_near_misses_in_every_large_script() -> None:
    counts = Counter(expected["script"] for expected in GOLDEN["queries"])
    misses = Counter(expected["script"] for expected in GOLDEN["queries"] if not expected["finds"])
    assert [script for script in counts if counts[script] >= 15 and misses[script] < 2] == []


def test_keys_are_unique_and_authors_known() -> None:
    assert len(POSITIONS) == len(GOLDEN["messages"])
    assert {message["author"] for message in GOLDEN["messages"]} == set(GOLDEN["people"])


def test_messages_are_in_the_order_of_their_time() -> None:
    moments = [dt.datetime.fromisoformat(message["at"]) for message in GOLDEN["messages"]]
    assert all(earlier < later for earlier, later in pairwise(moments))


def test_every_query_is_asked_once_and_finds_known_messages_newest_first() -> None:
    asked = Counter(map(label, GOLDEN["queries"]))
    assert [text for text, times in asked.items() if times > 1] == []
    for expected in GOLDEN["queries"]:
        at = [POSITIONS[key] for key in expected["finds"]]
        assert at == sorted(set(at), reverse=True), expected
        assert len(at) <= messages.PAGE_SIZE
