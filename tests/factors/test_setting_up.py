"""Setting up an app for codes: nothing is kept before a code has come, and no secret lies open."""

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest

from service.access import second_codes
from service.access.audit import Actor, Someone
from service.access.second_codes import SecondCodes
from service.accounts import accounts
from service.base.errors import Invalid
from service.data import db
from service.data.tables import AuditEntry, RecoveryCode, SecondFactor
from tests.factors.apps import App, both, offered, second, set_up
from tests.people import ON_SQLITE, PAGE, PROGRAM, Person, log_in

Later = Callable[..., None]


def send(person: Person, sealed: str, code: str, **how: Any) -> Any:
    return person.post("/api/account/second", data={"sealed": sealed, "code": code}, **how)


def hidden(page: str) -> str:
    """Return what the form brings back."""
    (sealed,) = re.findall(r'name="sealed" value="([^"]+)"', page)
    return sealed


def test_it_is_set_up_by_a_page_and_codes_are_told_once(alice: Person, visitor: Person) -> None:
    page = alice.get("/account/second", headers=PAGE).text
    (shown,) = re.findall(r'readonly spellcheck="false">([A-Z2-7 ]+)<', page)
    app = App(shown.replace(" ", ""))
    assert "<svg" in page
    assert "style=" not in page
    assert 'href="otpauth://totp/Board:alice?secret=' in page
    wrong = send(alice, hidden(page), "12345", headers=PAGE)
    assert (wrong.status_code, shown in wrong.text, "six digits" in wrong.text) == (422, True, True)
    assert log_in(visitor, "alice").status_code == 200  # nothing is kept yet
    made = send(alice, hidden(wrong.text), f" {app.code()[:3]} {app.code()[3:]}", headers=PAGE)
    (codes,) = re.findall(r'readonly spellcheck="false">([A-Z2-7\n-]+)<', made.text)
    assert len({*codes.split()}) == 10
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){5}[A-Z2-7]{4}", each) for each in codes.split())
    assert made.headers["cache-control"] == "no-store"
    assert 'download="recovery-codes.txt" href="data:text/plain' in made.text
    assert log_in(visitor, "alice").status_code == 401
    assert "10 are left" in alice.get("/account/second", headers=PAGE).text
    assert "See your second factor" in alice.get("/account", headers=PAGE).text


@ON_SQLITE
def test_what_was_offered_is_good_for_ten_minutes_and_its_user_alone(
    alice: Person, bob: Person, later: Later
) -> None:
    offer = offered(alice)
    code = App(offer["secret"]).code()
    stolen = send(bob, offer["sealed"], code, headers=PROGRAM)
    assert stolen.json()["errors"] == {"code": second_codes.TOO_LATE}
    assert send(alice, "rubbish", code, headers=PROGRAM).status_code == 422
    later(minutes=9.9)  # alice has confirmed no longer ago than that
    alice.post("/api/confirm", json={"current_password": "correct horse battery"})
    later(minutes=10.1)
    late = send(alice, offer["sealed"], App(offer["secret"]).code(), headers=PAGE)
    assert (late.status_code, "Scan the new picture" in late.text) == (422, True)
    assert hidden(late.text) != offer["sealed"]
    with db.read():
        assert not SecondFactor.select().exists()


def test_the_same_form_again_changes_nothing(alice: Person) -> None:
    offer = offered(alice)
    code = App(offer["secret"]).code()
    assert send(alice, offer["sealed"], code, headers=PAGE).status_code == 200
    again = send(alice, offer["sealed"], code, headers=PAGE)
    assert (again.status_code, second_codes.USED in again.text) == (422, True)
    with db.read():
        assert RecoveryCode.select().count() == 10


def test_another_app_takes_its_place_and_recovery_codes_stay(
    alice: Person, visitor: Person, app: App, codes: list[str]
) -> None:
    offer = offered(alice)
    new = App(offer["secret"])
    done = send(alice, offer["sealed"], new.code(1), headers=PAGE)
    assert done.headers["location"] == "/account/second?done=on"
    assert both(visitor, "alice", app.code(1)).status_code == 422
    assert second(visitor, codes[0]).status_code == 200


def test_new_recovery_codes_make_the_old_ones_worthless(
    alice: Person, visitor: Person, codes: list[str]
) -> None:
    new = alice.post("/api/account/second/codes", headers=PROGRAM).json()["recovery_codes"]
    assert both(visitor, "alice", codes[0]).status_code == 422
    assert second(visitor, new[0]).status_code == 200


@pytest.mark.usefixtures("app")
def test_turned_off_the_password_alone_signs_in(alice: Person, visitor: Person) -> None:
    assert alice.post("/api/account/second/off", headers=PAGE).headers["location"] == (
        "/account/second?done=off"
    )
    assert log_in(visitor, "alice").status_code == 200
    with db.read():
        assert not SecondFactor.select().exists()
        assert not RecoveryCode.select().exists()
        told = [row.action for row in AuditEntry.select().order_by(AuditEntry.id)]
    assert told[:2] == ["second.on", "second.off"]
    for what in ("off", "codes"):
        assert alice.post(f"/api/account/second/{what}", headers=PAGE).status_code == 409


@ON_SQLITE
def test_all_of_it_asks_for_a_fresh_proof(alice: Person, app: App, later: Later) -> None:
    later(minutes=11)
    assert alice.get("/account/second", headers=PROGRAM).status_code == 403
    for what in ("", "/off", "/codes"):
        refused = alice.post(f"/api/account/second{what}", headers=PROGRAM)
        assert (refused.status_code, refused.json()["title"]) == (403, "Confirm that it is you")
    assert log_in(alice, "alice").status_code == 401  # and it is still on


@ON_SQLITE
def test_no_secret_and_no_code_lies_open(alice: Person) -> None:
    offer = offered(alice)
    made = send(alice, offer["sealed"], App(offer["secret"]).code(), headers=PROGRAM)
    codes = made.json()["recovery_codes"]
    with db.read():
        stored = [*SecondFactor.select().tuples(), *RecoveryCode.select().tuples()]
    text = str(stored)
    assert offer["secret"] not in text
    assert not any(part in text for code in codes for part in (code, code.replace("-", "")))


def test_an_older_key_still_opens_what_is_stored_and_a_lost_one_leaves_recovery(
    account: accounts.Account, later: Later
) -> None:
    old, new, other = (secrets.token_urlsafe(48) for _ in range(3))
    by = Actor(Someone(account.id, "alice"))
    before = SecondCodes((old,))
    offer = before.offer(account.id, "alice", "Board")
    app = App(offer.secret)
    with db.write():
        codes = before.set_up(by, account.id, offer.sealed, app.code())
    assert SecondCodes((new, old)).prove(by, app.code(1)) == "code"
    later(seconds=60)
    assert SecondCodes((new,)).prove(by, app.code()) == "code"  # it was sealed anew
    with pytest.raises(Invalid, match="secret key was replaced"):
        SecondCodes((other,)).prove(by, app.code(1))
    assert SecondCodes((other,)).prove(by, codes[0]) == "recovery code"
    with db.read():
        assert SecondFactor.get().failures == 0


@ON_SQLITE
def test_a_secret_put_into_anothers_row_is_worth_nothing(
    alice: Person, bob: Person, visitor: Person, app: App
) -> None:
    set_up(bob)
    with db.write():
        hers = SecondFactor.select().order_by(SecondFactor.user).get()
        SecondFactor.update(totp_secret=hers.totp_secret).execute()
    assert both(visitor, "bob", app.code(1)).json()["errors"] == {"code": second_codes.UNREADABLE}
