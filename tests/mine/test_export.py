"""The export of all that is one's own."""

import io
import json
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from service.access import audit
from service.access.audit import Actor, Someone
from service.accounts import accounts
from service.base import clock
from service.data import db
from service.data.tables import (
    ApiToken,
    AuditEntry,
    Bot,
    Link,
    Membership,
    Mention,
    Message,
    Passkey,
    ProvidedIdentity,
    Reaction,
    RecoveryCode,
    SecondFactor,
    Session,
    Table,
    User,
)
from service.mine import rows
from service.mine.export import FILES, Exports
from tests.people import (
    ON_SQLITE,
    PAGE,
    PROBLEM,
    PROGRAM,
    Person,
    SignIn,
    add_bot,
    password_hash,
    post,
    token,
)
from tests.threads.doing import replied

# Where else a table refers to people, and why none of that is in an export.
SECOND = {SecondFactor, RecoveryCode}
NOTHING_OF_ONES_OWN = {
    "known_networks": "keyed hashes, of networks that are in sessions.json",
    "events": "that something changed, and nothing of what",
    "rooms": "everybody's who is in them; those are in rooms.json",
    "options": "the board's; who changed them is in audit.json",
}


def id_of(name: str) -> int:
    account = accounts.find(name)
    assert account
    return account.id


def exported(person: Person) -> ZipFile:
    answer = person.post("/api/account/export", headers=PAGE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert ".zip" in answer.headers["content-disposition"]
    return ZipFile(io.BytesIO(answer.content))


def rows_of(zipped: ZipFile, name: str) -> list[dict[str, Any]]:
    return json.loads(zipped.read(f"{name}.json"))


def test_alice_gets_all_that_is_hers(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PAGE", 2)  # so that there are several
    for text in ("One", "Zwei ☃", "Three", "Four", "Five"):
        post(alice, text)
    alice.post("/api/message/2/edit", json={"message": "Two\n☃"})
    alice.post("/api/message/4/deletion", headers=PROGRAM)
    replied(alice, post(bob, "Bob's own")["id"], "Six")
    zipped = exported(alice)
    assert zipped.namelist() == [f"{file.name}.json" for file in FILES]
    messages = rows_of(zipped, "messages")
    assert [each["text"] for each in messages] == ["One", "Two\n☃", "Three", "Five", "Six"]
    assert [each["id"] for each in messages] == [1, 2, 3, 5, 7]
    assert [each["parent"] for each in messages] == [None, None, None, None, 6]
    assert [bool(each["edited_at"]) for each in messages] == [False, True, False, False, False]
    assert {each["room_name"] for each in messages} == {"Board"}
    (profile,) = rows_of(zipped, "profile")
    assert (profile["username"], profile["role"], profile["time_zone"]) == (
        "alice",
        "member",
        "UTC",
    )
    (session,) = rows_of(zipped, "sessions")
    assert session["device"] == "A test"
    assert rows_of(zipped, "invitations") == []
    (room,) = rows_of(zipped, "rooms")
    assert (room["slug"], room["name"], room["level"]) == ("board", "Board", "everything")


def test_there_is_no_secret_in_it_and_nothing_of_others(alice: Person, bob: Person) -> None:
    post(bob, "Bob's own")
    now, alices, bobs = clock.now(), id_of("alice"), id_of("bob")
    with db.write():
        for number, by in enumerate((alices, bobs)):
            Link.insert(
                purpose="invite", code_hash=f"hash-{number}", created_by=by, note=f"By {by}",
                created_at=now, expires_at=now, max_uses=1,
            ).execute()  # fmt: skip
        me, other = Someone(alices, "alice"), Someone(bobs, "bob")
        audit.note(Actor(other, "198.51.100.7"), "user.role", me, role="member")
        audit.note(Actor(other, "198.51.100.7"), "option.changed")
    zipped = exported(alice)
    whole = b"".join(zipped.read(name) for name in zipped.namelist()).decode()
    for unwanted in (password_hash(), token(alice), "hash-", "198.51.100.7", "Bob's own"):
        assert unwanted not in whole
    assert [each["note"] for each in rows_of(zipped, "invitations")] == [f"By {alices}"]
    told = [(each["by"], each["action"], each["on"]) for each in rows_of(zipped, "audit")]
    assert told == [("bob", "user.role", "alice"), ("alice", "user.exported", "alice")]


def test_who_is_called_learns_where(alice: Person, bob: Person) -> None:
    post(bob, "Hello @alice"), post(bob, "Hello all"), post(bob, "Hello again, @alice")
    bob.post("/api/message/3/deletion", headers=PROGRAM)
    assert rows_of(exported(alice), "mentions") == [{"room": "board", "id": 1}]
    assert rows_of(exported(bob), "mentions") == []


@ON_SQLITE
def test_bots_are_in_it_by_name(alice: Person, bob: Person) -> None:
    add_bot("hers", accounts.get(id_of("alice")))
    add_bot("his", accounts.get(id_of("bob")))
    assert [each["username"] for each in rows_of(exported(alice), "bots")] == ["hers"]


def test_tokens_are_in_it_by_how_they_begin(alice: Person) -> None:
    form = {"name": "Notes", "scopes": "read post"}
    secret = alice.post("/api/account/tokens", json=form).json()["token"]
    zipped = exported(alice)
    (row,) = rows_of(zipped, "tokens")
    assert (row["name"], row["prefix"], row["scopes"]) == ("Notes", secret[:10], ["read", "post"])
    assert secret[10:] not in str([zipped.read(name) for name in zipped.namelist()])


def test_an_export_is_noted_and_asks_first(
    alice: Person, visitor: Person, later: Callable[..., None]
) -> None:
    assert "messages.json" in alice.get("/account/export", headers=PAGE).text
    exported(alice)
    with db.read():
        noted = AuditEntry.select().where(AuditEntry.action == "user.exported")
        assert [entry.actor for entry in noted] == ["alice"]
    later(minutes=11)
    refused = alice.post("/api/account/export", headers=PROGRAM)
    assert (refused.status_code, refused.headers["content-type"]) == (403, PROBLEM)
    # The page is next, not the file: a browser would be left with the form.
    own = PAGE | {"referer": "http://board.test/account/export"}
    asked = alice.post("/api/account/export", headers=own)
    assert asked.status_code == 403
    assert 'name="next" value="/account/export"' in asked.text
    assert 'name="again"' not in asked.text
    location = alice.get("/account/export", headers=PAGE).headers["location"]
    assert location == "/confirm?next=/account/export"
    assert visitor.post("/api/account/export", headers=PROGRAM).status_code == 401


@ON_SQLITE
def test_one_export_at_a_time(sign_in: SignIn, app_client: TestClient) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    exports = app_client.app.app.own[Exports]  # ty: ignore
    exports.begin(id_of("alice"))
    refused = alice.post("/api/account/export", headers=PROGRAM)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) <= 600
    exported(bob)
    exported(bob)
    exports.end(id_of("alice"))
    exported(alice)


def test_whatever_refers_to_people_is_exported_or_says_why_not() -> None:
    mine = {
        User,
        Message,
        Session,
        Link,
        ProvidedIdentity,
        ApiToken,
        Passkey,
        Bot,
        Membership,
        Mention,
        Reaction,
    }
    exported = mine | SECOND
    referring = {
        table._meta.table_name
        for table in {*Table.__subclasses__()} - exported
        if table.__module__.startswith("service.")  # and not the noun that is a test's
        if any(reference.rel_model is User for reference in table._meta.refs)
    }
    assert referring == set(NOTHING_OF_ONES_OWN), "a line of mine.export.FILES, or the reason"
