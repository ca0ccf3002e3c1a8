"""Whoever is deleted leaves a row without a name, and texts as it was wished."""

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from peewee import Model

from service.access import audit, begun, names, sessions, tokens
from service.access.audit import OPERATOR, Actor, Someone
from service.access.visible import EVERYONE
from service.accounts import accounts
from service.accounts.accounts import Account
from service.base.errors import Invalid
from service.data import db
from service.data.tables import AuditEntry, KnownNetwork, Message, Table, User
from service.messages import messages, writing
from service.people import forgetting, people
from tests.people import Person, add_person, is_signed_in, listed, log_in, post, texts

pytestmark = pytest.mark.usefixtures("database")
# Of what refers to users, what stays when one is deleted: it says that somebody did it, not who.
STAYS = {
    "messages.author_id",
    "messages.pinned_by_id",
    "rooms.created_by_id",
    "events.user_id",
    "options.changed_by_id",
    "sessions.user_id",  # emptied; by them others know that they are over
}


@pytest.fixture
def gone(account: Account) -> Account:
    """Alice's account, after it had everything that an account can have."""
    with db.write():
        User.update(display_name="Alicia", email="al@alice.test", email_key="al@alice.test").where(
            User.id == account.id
        ).execute()
        KnownNetwork.insert(user=account.id, network="n", seen_at=account_made()).execute()
        audit.note(OPERATOR, "user.renamed", Someone(account.id, "alice"), to="Alicia")
        audit.note(Actor(Someone(account.id, "alice")), "option.changed", to="x")
    sessions.start(account.id, account.password_hash, "Europe/Berlin", "Alice's phone")
    for text in ("One", "Two"):
        writing.post(account.id, text)
    return account


def account_made() -> Any:
    with db.read():
        return User.get().created_at


def is_ours(table: type[Model]) -> bool:
    """Say whether it is the board's own: tests make tables, too."""
    return table.__module__.startswith("service.")


def everything() -> Iterator[str]:
    """Yield all that is stored of everybody, as text."""
    with db.read():
        for table in filter(is_ours, Table.__subclasses__()):
            rows: Any = table.select().tuples()
            for row in rows:
                yield from map(str, row)


def test_what_is_theirs_goes_and_their_texts_stay(gone: Account) -> None:
    people.delete(OPERATOR, gone.id)
    now = accounts.get(gone.id)
    assert (now.username, now.state, now.display_name, now.email) == (
        f"deleted-{gone.id}",
        "deleted",
        None,
        None,
    )
    assert now.password_hash == tokens.NO_PASSWORD
    assert [text for text in everything() if re.search("alic|berlin", text.lower())] == []
    assert begun.open_sessions(gone.id) == []
    with db.read():
        assert KnownNetwork.select().count() == 0
        assert [row.detail for row in AuditEntry.select().order_by(AuditEntry.id)] == [
            "",
            '{"to": "x"}',
            '{"texts": "keep"}',
        ]
    assert [each.text for each in messages.newest(EVERYONE).messages] == ["Two", "One"]
    assert {each.author for each in messages.newest(EVERYONE).messages} == {now.username}
    assert accounts.find("alice") is None
    accounts.add("alice", "another good one, surely")


def test_their_texts_go_if_that_was_the_wish_and_nobody_elses(gone: Account) -> None:
    writing.post(add_person("bob").id, "By Bob")
    people.delete(OPERATOR, gone.id, "empty")
    assert accounts.get(gone.id).emptying
    deque(forgetting.batches(), maxlen=0)
    assert [each.text for each in messages.newest(EVERYONE).messages] == ["By Bob"]
    with db.read():
        assert {row.text for row in Message.select()} == {"", "By Bob"}
    assert not accounts.get(gone.id).emptying


def test_deleted_twice_it_does_what_is_left(gone: Account) -> None:
    people.delete(OPERATOR, gone.id)
    before = accounts.get(gone.id)
    people.delete(OPERATOR, gone.id, "empty")
    deque(forgetting.batches(), maxlen=0)
    assert accounts.get(gone.id) == before
    assert messages.newest(EVERYONE).messages == []


def test_nobody_takes_the_name_of_one_who_is_gone(account: Account) -> None:
    with pytest.raises(Invalid):
        names.clean("Deleted-17")
    add_person(f"deleted-{account.id}")  # by a release before
    people.delete(OPERATOR, account.id)
    assert accounts.get(account.id).username == f"deleted-{account.id}-"


def test_everything_that_refers_to_a_user_goes_or_is_named_here() -> None:
    refers = {
        f"{ref.model._meta.table_name}.{ref.column_name}"
        for ref in User._meta.backrefs
        if is_ours(ref.model)
    }
    goes = {f"{each.model._meta.table_name}.{each.column_name}" for each in forgetting.THEIRS}
    assert refers == goes | STAYS
    assert goes & STAYS == set()


def test_a_deleted_name_is_gone_from_the_board(alice: Person, bob: Person, visitor: Person) -> None:
    post(alice, "Still here")
    account = accounts.find("alice")
    assert account
    start = listed(bob)["cursor"]
    assert "alice" in bob.get("/msgs").text
    people.delete(OPERATOR, account.id)
    gone = f"deleted-{account.id}"
    page = bob.get("/msgs").text
    assert "alice" not in page
    assert gone in page
    assert "alice" not in bob.get("/api/messages", params={"after": start}).text
    assert texts(bob, q="from:alice") == []
    assert texts(bob, q=f"from:{gone}") == ["Still here"]
    assert not is_signed_in(alice)
    assert log_in(visitor, "alice").status_code == log_in(visitor, gone).status_code == 401


def test_people_delete_themselves() -> None:
    bob = add_person("bob")
    people.delete(Actor(Someone(bob.id, "bob")), bob.id)
    assert accounts.get(bob.id).state == "deleted"
    with db.read():
        (entry,) = AuditEntry.select()
    assert (entry.actor, entry.target) == (f"deleted-{bob.id}",) * 2
