"""Messages: post, list, edit, delete, as members and visitors see it."""

import hashlib
import re

import pytest

from service.accounts import accounts
from service.data import db, events, sqlite
from service.data.tables import EventCounter
from service.messages import writing
from tests.people import ONE_DATABASE, PROBLEM, PROGRAM, Person, listed, post, texts


def write_many(name: str, count: int) -> None:
    author = accounts.find(name)
    assert author
    for number in range(1, count + 1):
        writing.post(author.id, f"Number {number}")


# Posting and reading.


def test_alice_posts_and_bob_reads(alice: Person, bob: Person) -> None:
    posted = post(alice, "Good morning")
    assert posted == {
        "id": posted["id"],
        "text": "Good morning",
        "timestamp": posted["timestamp"],
        "author": "alice",
        "display_name": None,
        "bot": False,
        "edited": False,
        "deleted": False,
        "removed": False,
        "parent": None,
        "mentions": [],
        "seq": 1,
        "pinned": None,
        "replies": None,
    }
    found = listed(bob)
    assert found["messages"] == [posted]
    assert re.fullmatch(r"\w{8}\.[\w-]{22}", found["cursor"])
    assert found["before"] is None


def test_the_timestamp_is_iso_8601_in_utc(alice: Person) -> None:
    stamp = post(alice, "Now")["timestamp"]
    assert len(stamp) == len("2026-11-22T20:08:34.000000Z")
    assert stamp[10] + stamp[-1] == "TZ"


def test_a_visitor_reads_and_writes_nothing(alice: Person, visitor: Person) -> None:
    id = post(alice, "Members only")["id"]
    for method, path in (
        ("GET", "/msgs"),
        ("GET", "/api/messages"),
        ("GET", "/api/messages?after=x.1"),
        ("POST", "/api/message"),
        ("GET", f"/msgs/{id}/edit"),
        ("POST", f"/api/message/{id}/edit"),
        ("GET", f"/msgs/{id}/deletion"),
        ("POST", f"/api/message/{id}/deletion"),
    ):
        data = {"message": "Mine"} if method == "POST" else None
        answer = visitor.request(method, path, data=data, headers=PROGRAM)
        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM), path
        assert "Members only" not in answer.text
    assert texts(alice) == ["Members only"]


def test_pages_follow_one_another_without_gap_or_repetition(alice: Person) -> None:
    write_many("alice", 120)
    first = listed(alice)
    post(alice, "Posted while Alice reads")  # an offset would now repeat a message
    second = listed(alice, before=first["before"])
    third = listed(alice, before=second["before"])
    read = [m["text"] for page in (first, second, third) for m in page["messages"]]
    assert read == [f"Number {number}" for number in range(120, 0, -1)]
    assert [len(page["messages"]) for page in (first, second, third)] == [50, 50, 20]
    assert third["before"] is None


def test_a_page_that_holds_every_message_leads_to_no_older_one(alice: Person) -> None:
    write_many("alice", 50)
    assert listed(alice)["before"] is None


def test_a_deleted_message_leaves_no_hole_in_a_page(alice: Person) -> None:
    write_many("alice", 51)
    newest = listed(alice)["messages"][0]["id"]
    alice.post(f"/api/message/{newest}/deletion", headers=PROGRAM)
    assert texts(alice) == [f"Number {number}" for number in range(50, 0, -1)]


def test_a_page_before_no_id_is_refused(alice: Person) -> None:
    for before in ("0", "-1", "x", "", "1.5", str(2**63), "9" * 5000):
        answer = alice.get("/api/messages", params={"before": before}, headers=PROGRAM)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["before"])


# Editing.


def test_alice_edits_her_message(alice: Person, bob: Person) -> None:
    posted = post(alice, "Helo")
    edited = alice.post(f"/api/message/{posted['id']}/edit", json={"message": "Hello"})
    assert edited.status_code == 200
    assert edited.json() == posted | {"text": "Hello", "edited": True, "seq": 2}
    assert listed(bob)["messages"] == [edited.json()]


def test_the_same_text_again_is_no_edit(alice: Person) -> None:
    posted = post(alice, "Hello")
    answer = alice.post(f"/api/message/{posted['id']}/edit", json={"message": "Hello"})
    assert answer.json() == posted


def test_an_edit_of_what_was_edited_elsewhere_is_a_conflict(alice: Person) -> None:
    posted = post(alice, "One")
    path, seen = f"/api/message/{posted['id']}/edit", str(posted["seq"])
    assert alice.post(path, json={"message": "Two", "seq": seen}).status_code == 200
    assert alice.post(path, json={"message": "Three", "seq": seen}).status_code == 409
    assert texts(alice) == ["Two"]


def test_bob_cannot_change_what_alice_wrote(alice: Person, bob: Person) -> None:
    posted = post(alice, "Mine")
    for action in ("edit", "deletion"):
        path = f"/api/message/{posted['id']}/{action}"
        assert bob.post(path, json={"message": "Yours"}).status_code == 404
        assert bob.get(f"/msgs/{posted['id']}/{action}").status_code == 404
    assert listed(alice)["messages"] == [posted]


def test_what_does_not_exist_cannot_be_changed(alice: Person) -> None:
    for id in ("0", "999", "-1", "x", str(2**63), "9" * 400):
        for action in ("edit", "deletion"):
            path = f"/api/message/{id}/{action}"
            assert alice.post(path, json={"message": "x"}).status_code == 404, path
            assert alice.get(f"/msgs/{id}/{action}").status_code == 404, path


def test_a_seq_that_is_no_number_is_refused(alice: Person) -> None:
    path = f"/api/message/{post(alice, 'One')['id']}/edit"
    for seq in ("x", "-1", "9" * 5000, "²"):
        answer = alice.post(path, json={"message": "Two", "seq": seq})
        assert answer.status_code == 422, seq
        assert list(answer.json()["errors"]) == ["seq"]


# Deleting.


def test_a_deleted_message_is_gone_from_the_list(alice: Person, bob: Person) -> None:
    id = post(alice, "Forget this")["id"]
    deletion = f"/api/message/{id}/deletion"
    assert alice.post(deletion, headers=PROGRAM).status_code == 200
    assert texts(bob) == []
    assert alice.post(f"/api/message/{id}/edit", json={"message": "Back"}).status_code == 404
    assert alice.get(f"/msgs/{id}/edit").status_code == 404
    again = alice.post(deletion, headers=PROGRAM)  # the first answer may have been lost
    assert (again.status_code, again.json()["text"]) == (200, "")


@pytest.mark.parametrize("who", ["alice", "moderator"])
def test_a_deleted_text_is_nowhere(
    who: str, request: pytest.FixtureRequest, alice: Person, bob: Person, database_url: str
) -> None:
    cursor = listed(alice)["cursor"]
    first, last = "an early whisper " * 20, "a late whisper " * 20
    id = post(alice, first)["id"]
    post(alice, "Another message")
    alice.post(f"/api/message/{id}/edit", json={"message": last})
    assert request.getfixturevalue(who).post(f"/api/message/{id}/deletion").status_code == 303
    for path in (
        "/msgs",
        "/api/messages",
        f"/api/messages?after={cursor}",
        f"/msgs?before={id + 1}",
    ):
        assert "whisper" not in bob.get(path).text
        assert "whisper" not in alice.get(path).text
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in (first, last)]
    with db.read():
        for table in db.database.get_tables():
            rows = str(db.database.execute_sql(f'SELECT * FROM "{table}"').fetchall())  # noqa: S608
            assert not [trace for trace in ("whisper", *digests) if trace in rows], table
        if db.on_sqlite():
            db.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    if db.on_sqlite():
        file = sqlite.file_of(database_url)
        content = b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
        assert b"Another message" in content
        assert b"whisper" not in content


# What changed after a cursor.


def test_bob_reads_what_changed_since_he_looked(alice: Person, bob: Person) -> None:
    kept, gone = post(alice, "Kept"), post(alice, "Gone")
    cursor = listed(bob)["cursor"]
    new = post(alice, "New")
    edited = alice.post(f"/api/message/{kept['id']}/edit", json={"message": "Mended"}).json()
    alice.post(f"/api/message/{gone['id']}/deletion")
    found = listed(bob, after=cursor)
    cursors = [event.pop("cursor") for event in found["events"]]
    assert found == {
        "events": [
            {"kind": "posted", "room": "board", "id": new["id"], "seq": 1, "message": new},
            {"kind": "edited", "room": "board", "id": kept["id"], "seq": 2, "message": edited},
            {"kind": "deleted", "room": "board", "id": gone["id"], "seq": 2},
        ],
        "cursor": cursors[-1],
        "resync": False,
    }
    nothing = {"events": [], "cursor": cursors[-1], "resync": False}
    assert listed(bob, after=found["cursor"]) == nothing
    kinds = [event["kind"] for event in listed(bob, after=cursors[0])["events"]]
    assert kinds == ["edited", "deleted"]


def test_an_event_brings_the_message_as_it_is_now(alice: Person, bob: Person) -> None:
    cursor = listed(bob)["cursor"]
    one, two = post(alice, "One"), post(alice, "Two")
    edited = alice.post(f"/api/message/{one['id']}/edit", json={"message": "Uno"}).json()
    alice.post(f"/api/message/{two['id']}/deletion")
    changes = listed(bob, after=cursor)["events"]
    assert [change["kind"] for change in changes] == ["posted", "posted", "edited", "deleted"]
    assert [change.get("message") for change in changes] == [edited, None, edited, None]


@ONE_DATABASE
@pytest.mark.parametrize("before", ["0", "-1", "1e3", "", "x", str(2**63)])
def test_what_is_no_message_s_number_is_refused_in_the_board_s_words(
    alice: Person, before: str
) -> None:
    refused = alice.get(f"/api/messages?before={before}", headers=PROGRAM)
    expected = "before must be the number of a message."
    assert (refused.status_code, refused.json()["detail"]) == (422, expected)


def test_before_and_after_exclude_each_other(alice: Person) -> None:
    answer = alice.get("/api/messages?before=1&after=x.1", headers=PROGRAM)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["after"])


def test_a_cursor_that_tells_nothing_gets_resync(alice: Person) -> None:
    post(alice, "One")
    cursor = listed(alice)["cursor"]
    epoch = cursor.partition(".")[0]
    unknown = ("", "x", ".1", f"{epoch}.", f"{epoch}.x", f"{epoch}.-1", f"{epoch}.²", "é.1")
    for after in (*unknown, "other.1", f"{epoch}.2", f"{epoch}.{'9' * 30}"):
        found = listed(alice, after=after)
        assert found == {"events": [], "cursor": cursor, "resync": True}, after


def test_a_restore_makes_every_cursor_stale(alice: Person) -> None:
    post(alice, "One")
    cursor = listed(alice)["cursor"]
    assert not listed(alice, after=cursor)["resync"]
    with db.write():
        EventCounter.update(epoch="restored").execute()
    assert listed(alice, after=cursor)["resync"]


def test_a_reader_too_far_behind_gets_resync(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MAX_REPLAY", 3)
    cursor = listed(alice)["cursor"]
    write_many("alice", 3)
    assert len(listed(alice, after=cursor)["events"]) == 3
    write_many("alice", 1)
    assert listed(alice, after=cursor)["resync"]
