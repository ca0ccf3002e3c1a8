"""Whose session ends while they ask for something: nothing that would outlast it is done."""

from collections.abc import Callable

import pytest

from service.access import sessions
from service.access.audit import Actor, Someone
from service.access.identity import Identity
from service.accounts import emails
from service.accounts.accounts import Account
from service.base import clock
from service.base.errors import NotSignedIn
from service.base.passkeys import Home
from service.bots import bots
from service.data import db
from service.data.tables import Session
from service.factors import factors
from service.passkeys import challenges, passkeys
from service.passkeys.answers import Made
from service.people import people
from service.tokens import tokens
from service.tokens.terms import Terms
from tests.people import PROGRAM, Person, add_bot, add_person

TERMS = Terms("A program", ("read",))
HERE = Home("board.test", "https://board.test")


def add_passkey(me: Identity, by: Actor) -> None:
    made = Made("id", "credential", 0, backed_up=False)
    passkeys.add(me, by, HERE, challenges.make("register", me.user_id), made, "Phone")


ACTS: dict[str, Callable[[Identity, Actor], object]] = {
    "a token": lambda me, by: tokens.make(by, me.user_id, TERMS),
    "a bot's token": lambda me, by: bots.make_token(by, me.user_id + 1, TERMS),
    "a bot": lambda me, by: bots.add(by, "another", me.name),
    "a passkey": add_passkey,
    "recovery codes": factors.new_codes,
    "an address": lambda me, by: emails.change(me, by, "ada@example.org"),
    "a role": lambda me, by: people.set_role(by, me.user_id, "member"),
}


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_it_is_not_done(act: Callable[[Identity, Actor], object]) -> None:
    ada: Account = add_person("ada", "admin")
    add_bot("robot", ada)
    me = sessions.start(ada.id, ada.password_hash, "UTC", "")
    by = Actor(Someone(ada.id, "ada"), session_id=me.session_id)
    sessions.end_all(ada.id)
    with pytest.raises(NotSignedIn):
        act(me, by)


def test_a_page_of_what_is_sensitive_is_not_shown(alice: Person) -> None:
    assert alice.get("/account/second", headers=PROGRAM).status_code == 200
    with db.write():  # where this process has not heard of it yet
        Session.update(ended_at=clock.now()).execute()
    # Confirm first; or, where it has heard of it just now, sign in first.
    assert alice.get("/account/second", headers=PROGRAM).status_code in {403, 401}
