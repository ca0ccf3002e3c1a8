"""The e-mail address of an account: set, changed, taken away, proved."""

from collections.abc import Callable
from typing import Any

import pytest

from service.access.audit import Actor, Someone
from service.accounts import accounts, emails
from service.base.errors import Conflict
from service.data import db
from service.data.tables import AuditEntry, User
from tests.people import ONE_DATABASE, PAGE, PROGRAM, Person

ADDRESS = "Ann.Smith@Example.ORG"
STORED = "Ann.Smith@example.org"
SOMEBODY = Actor(Someone(None, "the link"))


def set_email(person: Person, address: str) -> dict[str, Any]:
    """Set an address, as a program does; return the answer."""
    answer = person.post("/api/account/email", json={"email": address}, headers=PROGRAM)
    return answer.json() | {"status": answer.status_code}


def prove(name: str, address: str = ADDRESS) -> None:
    """Use a link that was sent to an address."""
    with db.write():
        emails.prove(account(name).id, SOMEBODY, address)


def account(name: str) -> accounts.Account:
    found = accounts.find(name)
    assert found
    return found


def test_an_address_is_set_proved_and_taken_away(alice: Person) -> None:
    answer = alice.post("/api/account/email", data={"email": f" {ADDRESS} "}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=email")
    assert (account("alice").email, account("alice").email_verified) == (STORED, False)
    page = alice.get("/account?done=email", headers=PAGE).text
    assert f'value="{STORED}"' in page
    assert "not verified" in page
    prove("alice")
    prove("alice")  # a second time it changes nothing
    assert account("alice").email_verified
    assert "not verified" not in alice.get("/account", headers=PAGE).text
    set_email(alice, STORED.upper())
    assert account("alice").email_verified  # the same, written in another way
    answer = alice.post("/api/account/email", data={"email": ""}, headers=PAGE)
    assert answer.headers["location"] == "/account?done=no-email"
    assert (account("alice").email, account("alice").email_verified) == (None, False)
    with db.read():
        rows = AuditEntry.select().order_by(AuditEntry.id)
        assert [(row.action, row.detail) for row in rows if row.action != "signed.in"] == [
            ("email.changed", ""),
            ("email.verified", ""),
            ("email.changed", ""),
            ("email.changed", ""),
        ]


def test_another_address_has_to_be_proved_anew(alice: Person) -> None:
    set_email(alice, ADDRESS)
    prove("alice")
    set_email(alice, "ann@example.net")
    assert not account("alice").email_verified
    with pytest.raises(Conflict, match="another e-mail address by now"):
        prove("alice")
    with db.read():
        assert User.get_by_id(account("alice").id).email_verified_at is None


def test_nobody_learns_whose_an_address_is_or_keeps_it_from_its_owner(
    alice: Person, bob: Person, charlie: Person
) -> None:
    set_email(bob, ADDRESS)  # it is not his
    assert set_email(alice, ADDRESS) == {"status": 200, "done": "email"}
    prove("alice")
    assert set_email(charlie, ADDRESS.lower()) == {"status": 200, "done": "email"}
    for name in ("bob", "charlie"):
        with pytest.raises(Conflict, match="Another account"):
            prove(name)
        assert not account(name).email_verified
    set_email(alice, "")
    prove("bob")
    assert account("bob").email_verified


@ONE_DATABASE
@pytest.mark.parametrize("address", ["ann", "ann@", "@example.org", "a b@example.org", "a" * 300])
def test_what_is_no_address_is_refused_and_kept(alice: Person, address: str) -> None:
    refused = set_email(alice, address)
    assert (refused["status"], list(refused["errors"])) == (422, ["email"])
    page = alice.post("/api/account/email", data={"email": address}, headers=PAGE)
    assert page.status_code == 422
    assert f'value="{address}"' in page.text
    assert account("alice").email is None


@ONE_DATABASE
def test_it_asks_again_who_one_is(alice: Person, later: Callable[..., None]) -> None:
    later(minutes=11)
    assert set_email(alice, ADDRESS)["status"] == 403
    assert account("alice").email is None
