"""The golden set: what readers of many scripts expect the search to find, on both databases."""

import datetime as dt
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from service.access.visible import EVERYONE
from service.data import db
from service.messages import messages, writing
from service.search import query
from tests.databases import BOTH, fresh_copy
from tests.people import add_person

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden.json").read_text(encoding="utf-8")
)


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
            view = writing.post(authors[message["author"]], message["text"], timestamp=moment)
            posted[view.id] = message["key"]
        yield posted
        db.close_database()


@pytest.mark.parametrize("script", sorted({asked["script"] for asked in GOLDEN["queries"]}))
def test_a_query_finds_all_its_messages_and_no_others(keys: dict[int, str], script: str) -> None:
    for asked in [asked for asked in GOLDEN["queries"] if asked["script"] == script]:
        search = query.parse(asked["query"], asked.get("zone", "UTC"))
        found = messages.newest(EVERYONE, query=search).messages
        assert [keys[view.id] for view in found] == asked["finds"], (asked["query"], asked["why"])
        if search.wanted:
            assert all(query.marks(search, view.text) for view in found), asked["query"]
