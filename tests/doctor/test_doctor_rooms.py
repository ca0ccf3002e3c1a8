"""The doctor looks at rooms: who is in them, and whether what is said of one is of that one."""

import pytest

from service.data import db
from service.data.tables import Room
from service.rooms.places import BOARD_PLACE
from tests.patient import Examine, sql
from tests.people import add_person
from tests.rooms.making import make, say


@pytest.fixture
def rooms(database: None) -> None:
    """A board without faults: Alice and Bob talk with each other, and Charlie is there."""
    for name in ("alice", "bob", "charlie"):
        add_person(name, "admin")
    say(BOARD_PLACE, "alice", "Hello")
    for slug, kind in (("cave", "private"), ("nest", "direct")):
        place = make(slug, "alice", "bob", kind=kind)
        for text in ("One", "Reply"):
            say(place, "alice", text)
    sql("UPDATE rooms SET direct_key = '1 2' WHERE kind = 'direct'")


def test_rooms_of_every_kind_are_no_findings(examine: Examine, rooms: None) -> None:
    with db.read():
        kinds = {row.kind for row in list(Room.select(Room.kind))}
    assert (kinds, examine()) == ({"open", "private", "direct"}, [])


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "DELETE FROM memberships WHERE room_id = 1 AND user_id = 3",
            "1 users, the first with id 3, are not in the first room: ",
        ),
        ("UPDATE memberships SET read_number = 3 WHERE room_id = 2", "2 memberships, the first "),
        ("UPDATE messages SET number = NULL WHERE id = 1", "1 messages, the first with id 1, "),
        (
            "UPDATE messages SET number = 7 WHERE id = 3",
            "1 rooms, the first with id 2, lack some of their messages: ",
        ),
        (
            "UPDATE messages SET parent_id = 1 WHERE id = 3",
            "1 replies, the first with id 3, are to messages of another room: ",
        ),
        (
            "INSERT INTO mentions (user_id, message_id, room_id, number) VALUES (2, 3, 1, 2)",
            "1 mentions, the first with id 1, name another room or number ",
        ),
        (
            "UPDATE events SET room_id = 1 WHERE message_id = 3",
            "1 events, the first with number ",
        ),
        (
            "UPDATE memberships SET user_id = 3 WHERE room_id = 3 AND user_id = 2",
            "User 3 is in the direct message with id 3, which is not theirs: ",
        ),
    ],
)
def test_what_is_wrong_is_named(
    examine: Examine, rooms: None, statement: str, expected: str
) -> None:
    sql(statement)
    ((check, finding),) = examine()
    assert check == "rooms"
    assert finding.startswith(expected)
