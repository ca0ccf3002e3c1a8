"""Putting a backup in a board's place: whole or not at all, on either database."""

from pathlib import Path

import pytest

from service.access import audit, options, places, sessions, visible
from service.access.visible import EVERYONE, Member
from service.accounts import accounts
from service.base import clock
from service.base.errors import Conflict
from service.bots import bots
from service.data import db, events
from service.data.tables import Event, Membership, Mention, Message, Reaction, Room, User
from service.keep import backup
from service.messages import messages, writing
from tests.inside import run
from tests.keep.restoring import check_index, counter, put_in_place, texts
from tests.keeping import ODD, at, manifest, sessions_there_are, whole
from tests.people import ONE_DATABASE, add_bot, add_person

FORMAT_1 = Path(__file__).parent / "format-1.zip"  # of the story, by 0.3.2


def test_what_is_restored_goes_on_as_before(database: None, file: Path) -> None:
    before = counter()
    put_in_place(file)
    check_index()
    seq = manifest(file)["seq"]
    assert counter() == (counter()[0], seq)
    assert counter()[0] != before[0]
    alice, bob = accounts.everyone()
    assert (alice.username, bob.username, bob.disabled) == ("alice", "Bøb", True)
    assert accounts.add("Charlie", "correct horse").id == bob.id + 1
    highest = max(message["id"] for message in whole()["messages"])
    posted = writing.post(alice.id, "Afterwards")
    assert (posted.id, counter()[1]) == (highest + 1, seq + 1)
    assert writing.edit(Member(alice.id), posted.id, "After that").seq == 2
    assert counter()[1] == seq + 2
    # A form that was sent before the backup can still be repeated without posting twice.
    assert writing.post(alice.id, "Once", client_key="another").id == highest + 2


@pytest.mark.parametrize("there", ["nothing", "a room"])
def test_what_0_3_saved_is_restored_into_the_first_room(database: None, there: str) -> None:
    if there != "nothing":
        with db.write():
            Room.insert(slug="another", kind="open", name="Another").execute()
    put_in_place(FORMAT_1)
    check_index()
    (room,) = whole()["rooms"]
    assert (room["id"], room["slug"], room["kind"], room["name"]) == (1, "board", "open", "Board")
    stored = whole()["messages"]
    assert [each["text"] for each in stored] == [
        *map(writing.clean_text, ODD),
        "Second thoughts",
        "",
    ]
    assert [each["seq"] for each in stored] == [1, 2, 3, 4, 5, 7, 9]
    for each in stored:
        shown = [each[name] for name in ("room", "number", "version", "kind", "parent")]
        assert shown == [1, each["id"], each["seq"], "text", None]
    with db.read():
        start = events.Cursor(counter()[0], 7)
        log = events.after(visible.events(EVERYONE), start).events
    assert [(each.room, each.kind, each.subject) for each in log] == [
        (1, "posted", 7),
        (1, "deleted", 7),
    ]
    posted = writing.post(accounts.everyone()[0].id, "Afterwards")
    assert (posted.id, counter()[1]) == (8, 10)


def test_what_rooms_hold_is_kept(database: None, other_url: str, tmp_path: Path) -> None:
    with at(other_url):
        alice = add_person("alice")
        for text in ("Root", "Reply"):
            writing.post(alice.id, text)
        now = clock.now()
        with db.write():
            room = Room.create(
                slug="quiet", kind="private", name="Quiet", created_by=alice.id, created_at=now
            )
            Message.update(
                room=room, parent=1, number=1, version=5, pinned_at=now, pinned_by=alice.id
            ).where(Message.id == 2).execute()
            Membership.create(
                room=room, user=alice.id, read_number=1, level="mentions", joined_at=now
            )
            Mention.create(user=alice.id, message=2, room=room, number=1)
            Reaction.create(message=2, user=alice.id, emoji="👍", reacted_at=now)
            events.append(room.id, "membership", room.id)
            Event.update(user=alice.id).where(Event.kind == "membership").execute()
            User.update(theme="dark", hours="24", newest_first=True).execute()
        backup.write(tmp_path / "saved.zip")
        before = whole()
    put_in_place(tmp_path / "saved.zip")
    assert whole() == before
    assert [row["room"] for row in before["messages"]] == [1, 2]
    assert [len(before[name]) for name in ("mentions", "reactions")] == [1, 1]


def test_names_alike_are_restored_and_no_third_is_taken(database: None, tmp_path: Path) -> None:
    for name in ("alice", "a1ice"):  # releases until 0.3.0 took both
        add_person(name)
    backup.write(tmp_path / "saved.zip")
    put_in_place(tmp_path / "saved.zip", replace=True)
    with db.read():
        looks = [row.name_skeleton for row in User.select().order_by(User.id)]
    assert looks == ["alice", None]
    with pytest.raises(Conflict):
        accounts.add("AIice", "correct horse")


def test_a_repeated_post_is_known_after_a_restore(database: None, tmp_path: Path) -> None:
    alice = add_person("alice")
    posted = writing.post(alice.id, "Once", client_key="a-key")
    backup.write(tmp_path / "saved.zip")
    put_in_place(tmp_path / "saved.zip", replace=True)
    assert writing.post(alice.id, "Once", client_key="a-key") == posted
    with pytest.raises(Conflict):
        writing.post(alice.id, "Twice", client_key="a-key")


def test_a_bot_is_somebodys_after_a_restore(database: None, tmp_path: Path) -> None:
    bot = add_bot("robot", add_person("alice"))
    writing.post(bot.id, "By a bot")
    backup.write(tmp_path / "saved.zip")
    put_in_place(tmp_path / "saved.zip", replace=True)
    (found,) = bots.listed()
    assert found.owner
    assert (found.account, found.owner.username, found.works) == (bot, "alice", True)
    assert [each.bot for each in messages.newest(EVERYONE).messages] == [True]


def test_options_go_on_after_a_restore(database: None, tmp_path: Path) -> None:
    add_person("alice")
    set_options = {"members_invite": "yes", "board_name": "Ours", "date_language": "de"}
    with db.write():
        options.set_all(audit.OPERATOR, set_options)
    backup.write(tmp_path / "saved.zip")
    put_in_place(tmp_path / "saved.zip", replace=True)
    with db.read():
        found = options.read()
    assert (found.members_invite, found.board_name, found.date_language) == (True, "Ours", "de")


def test_restored_messages_are_found(database: None, file: Path) -> None:
    alice = add_person("zoe")
    writing.post(alice.id, "A mistake, and thoughts")
    put_in_place(file, replace=True)
    check_index()
    assert texts("thoughts") == ["Second thoughts"]
    assert texts("mistake") == []
    assert texts("日本語") == ["é 日本語 👩‍👩‍👧 שלום"]
    writing.post(accounts.everyone()[0].id, "More thoughts")
    assert texts("thoughts") == ["More thoughts", "Second thoughts"]


def test_an_empty_board_is_saved_and_restored(database: None, tmp_path: Path) -> None:
    backup.write(tmp_path / "saved.zip")
    put_in_place(tmp_path / "saved.zip")
    assert {name: len(rows) for name, rows in whole().items()} == {
        "users": 0,
        "rooms": 1,
        "memberships": 0,
        "messages": 0,
        "mentions": 0,
        "reactions": 0,
        "events": 0,
        "options": 0,
        "audit": 0,
        "identities": 0,
        "bots": 0,
        "second_factors": 0,
        "recovery_codes": 0,
        "passkeys": 0,
    }
    assert writing.post(add_person("alice").id, "First").id == 1


def test_no_session_or_known_network_comes_to_life_again(database: None, tmp_path: Path) -> None:
    alice = add_person("alice")
    sessions.start(alice.id, alice.password_hash, "UTC", "A test")
    places.remember_network(alice.id, "a network")
    backup.write(tmp_path / "saved.zip")
    put_in_place(tmp_path / "saved.zip", replace=True)
    assert sessions_there_are() == 0
    assert not places.known_networks({(alice.id, "a network")})


def test_a_restore_says_how_much_it_brought_back(database_url: str, small_file: Path) -> None:
    done = run(database_url, "restore", str(small_file))
    assert done.returncode == 0
    assert done.stdout == "Restored 1 user, 1 message and 1 event.\n"


@ONE_DATABASE
def test_a_check_needs_no_database(database_url: str, small_file: Path, tmp_path: Path) -> None:
    made = manifest(small_file)["made"]
    done = run(f"sqlite:///{tmp_path}/none.sqlite3", "restore", "--check", str(small_file))
    assert done.stdout == (f"{small_file} is sound: 1 user, 1 message and 1 event, saved {made}.\n")
    assert not (tmp_path / "none.sqlite3").exists()
