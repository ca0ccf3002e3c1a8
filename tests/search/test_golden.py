"""The golden set: what readers of many scripts expect the search to find, on both databases.

Its messages are spread over 50 rooms, and stand again in one that who asks is not in.
"""

import datetime as dt
import itertools
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from service.access.visible import Member
from service.accounts import accounts
from service.base import clock
from service.data import db
from service.data.tables import Membership, Room
from service.messages import everywhere, writing
from service.rooms.places import BOARD_PLACE, Place
from service.search import query
from tests.databases import BOTH, fresh_copy
from tests.people import add_person

ROOMS = 50
Keys = dict[tuple[Place, int], str]
GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module", params=BOTH)
def keys(
    request: pytest.FixtureRequest,
    migrated: dict[str, str],
    postgres: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Keys]:
    """Post every message once per database; yield the keys by the messages' rooms and ids."""
    folder = tmp_path_factory.mktemp("golden")
    with fresh_copy(migrated[request.param], postgres, folder) as url:
        db.open_database(url)
        authors = {name: add_person(name).id for name in GOLDEN["people"]}
        asking = add_person("asking").id
        everybody = [*authors.values(), asking]
        rooms = [make_room(number, everybody) for number in range(2, ROOMS + 1)]
        secret = make_room(ROOMS + 2, [*authors.values()])
        places = [BOARD_PLACE, *rooms]
        posted: Keys = {}
        for message, place in zip(GOLDEN["messages"], itertools.cycle(places), strict=False):
            who, text = authors[message["author"]], message["text"]
            moment = dt.datetime.fromisoformat(message["at"])
            view = writing.post(who, text, timestamp=moment, place=place)
            posted[view.place, view.id] = message["key"]
            writing.post(who, text, timestamp=moment, place=secret)
        yield posted
        db.close_database()


def make_room(number: int, members: list[int]) -> Place:
    """Make a room, every other one private."""
    kind, slug = ("private", "open")[number % 2], f"room{number}"
    with db.write():
        room = Room.insert(slug=slug, kind=kind, name=f"Room {number}", name_key=slug).execute()
        for user in members:
            Membership.insert(room=room, user=user, joined_at=clock.now()).execute()
    return Place(room, slug)


@pytest.mark.parametrize("script", sorted({asked["script"] for asked in GOLDEN["queries"]}))
def test_a_query_finds_all_its_messages_and_no_others(keys: Keys, script: str) -> None:
    asking = accounts.find("asking")
    assert asking
    for asked in [asked for asked in GOLDEN["queries"] if asked["script"] == script]:
        search = query.parse(asked["query"], asked.get("zone", "UTC"))
        found = [hit.message for hit in everywhere.find(Member(asking.id), search).hits]
        assert [keys[view.place, view.id] for view in found] == asked["finds"], (
            asked["query"],
            asked["why"],
        )
        if search.wanted:
            assert all(query.marks(search, view.text) for view in found), asked["query"]
