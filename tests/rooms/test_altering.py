"""What becomes of rooms: names and topics; private, archived, deleted."""

from collections import deque
from functools import partial

import pytest

from service.access.visible import OPERATOR
from service.access.visible import messages as visible_messages
from service.accounts.accounts import Account
from service.base.errors import Conflict, Forbidden, NotFound
from service.data import db
from service.data.tables import AuditEntry, Message, Room
from service.messages import writing
from service.rooms import altering, emptying, memberships, rooms
from tests.at_once import at_once
from tests.people import add_person
from tests.rooms.doing import audited, by, direct, events, made, me, told


def act(deed: str, account: Account, slug: str, *more: str) -> None:
    getattr(altering, deed)(me(account), by(account), slug, *more)


def test_its_members_rename_a_room_and_give_it_a_topic(
    account: Account, other_account: Account, outsider: Account
) -> None:
    slug = made(account, "Garden")
    memberships.join(me(other_account), by(other_account), slug)
    act("rename", other_account, slug, "Yard")
    act("rename", other_account, slug, "Yard")
    act("set_topic", other_account, slug, "Beds")
    act("set_topic", other_account, slug, "")
    assert rooms.find(me(account), slug).name == "Yard"
    assert told(slug)[2:] == [
        "bob renamed this room from “Garden” to “Yard”",
        "bob set the topic: Beds",
        "bob took the topic away",
    ]
    assert events(slug)[-2:] == [("posted", None), ("room", None)]
    with pytest.raises(Forbidden, match="Join this room first"):
        act("rename", outsider, slug, "Mine")


def test_the_first_room_has_a_name_and_a_topic_and_stays(account: Account, ada: Account) -> None:
    act("rename", account, "board", "Lobby")
    act("set_topic", account, "board", "Hello")
    for deed in ("make_private", "archive", "delete"):
        with pytest.raises(Conflict, match="Everybody is in this room"):
            act(deed, ada, "board")
    with pytest.raises(Forbidden):
        act("rename", add_person("gus", "guest"), "board", "No")
    found = rooms.find(me(ada), "board")
    assert (found.name, found.topic, found.kind) == ("Lobby", "Hello", "open")


def test_a_direct_message_stays_as_it_is(account: Account, other_account: Account) -> None:
    slug = direct(account, other_account).place.slug
    for deed, more in [
        ("rename", ["A"]),
        ("set_topic", ["A"]),
        *((each, []) for each in ("make_private", "archive", "bring_back", "delete")),
    ]:
        with pytest.raises(Conflict, match="stays as it is"):
            act(deed, account, slug, *more)


@pytest.mark.parametrize("deed", ["make_private", "archive", "bring_back", "delete"])
def test_who_made_a_room_decides_about_it_and_other_members_do_not(
    account: Account, other_account: Account, deed: str
) -> None:
    slug = made(account, "Garden", "open", other_account)
    with pytest.raises(Forbidden):
        act(deed, other_account, slug)
    act(deed, account, slug)


def test_moderators_archive_and_admins_delete_what_they_see(account: Account, ada: Account) -> None:
    mo = add_person("mo", "moderator")
    slug, hidden = made(account, "Garden"), made(account, "Party", "private")
    act("archive", mo, slug)
    act("bring_back", mo, slug)
    with pytest.raises(Forbidden, match="Only admins"):
        act("delete", mo, slug)
    act("delete", ada, slug)
    for deed in ("archive", "delete"):
        with pytest.raises(NotFound):
            act(deed, ada, hidden)


def test_an_archived_room_is_read_only_until_it_is_brought_back(account: Account) -> None:
    slug = made(account, "Garden")
    place = rooms.find(me(account), slug).place
    act("archive", account, slug)
    act("archive", account, slug)
    assert rooms.find(me(account), slug).archived
    with pytest.raises(Conflict, match="archived"):
        writing.post(account.id, "No", place=place)
    with pytest.raises(Conflict, match="Bring it back first"):
        act("rename", account, slug, "Yard")
    act("bring_back", account, slug)
    assert writing.post(account.id, "Yes", place=place)
    assert told(slug)[1:] == ["alice archived this room", "alice brought this room back"]


def test_an_open_room_becomes_private_for_good(account: Account, outsider: Account) -> None:
    slug = made(account, "Garden")
    ada = add_person("ada", "admin")
    with pytest.raises(Forbidden, match="Join"):
        act("make_private", ada, slug)  # who would not see it any more
    act("make_private", account, slug)
    with pytest.raises(NotFound):
        rooms.find(me(outsider), slug)
    assert made(outsider, "Garden")


def test_a_deleted_room_is_gone_at_once_and_emptied_after(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emptying, "AT_ONCE", 2)
    slug, stays = made(account, "Garden"), made(account, "Attic")
    place = rooms.find(me(account), slug).place
    for number in range(5):
        writing.post(account.id, f"Number {number}", place=place)
    act("delete", account, slug)
    assert audited()[-1] == "room.deleted"
    assert events(slug)[-1] == ("room", None)
    with pytest.raises(NotFound):
        writing.post(account.id, "No", place=place)
    next(emptying.batches())  # and the process was killed
    at_once([partial(deque, emptying.batches(), maxlen=0) for _ in range(2)])
    with db.read():
        row = Room.get(Room.slug == slug)
        texts = [each.text for each in visible_messages(OPERATOR).where(Message.room == row.id)]
    assert (row.name, row.name_key, texts) == ("", None, [""] * 6)
    assert rooms.find(me(account), stays).name == "Attic"
    assert told(stays) == ["alice made this room"]
    assert made(account, "Garden")


def test_the_audit_log_names_no_room_that_not_everybody_sees(account: Account) -> None:
    slug = made(account, "Party", "private")
    act("rename", account, slug, "Surprise")
    act("delete", account, slug)
    with db.read():
        details = " ".join(entry.detail for entry in AuditEntry.select())
    assert slug in details
    assert "Party" not in details
    assert "Surprise" not in details
