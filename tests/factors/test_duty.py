"""The duty to have a second factor: whom it binds, and what is left to who has none."""

from collections.abc import Callable

import pytest

from service.access import begun, duty, options, session_cookie, sessions, standing
from service.access.tokens import Signer
from service.accounts import accounts
from service.base import clock
from service.base.config import Settings
from service.data import db
from service.data.tables import ProvidedIdentity
from tests.factors.apps import give_passkey, offered, set_up
from tests.people import HTMX, ON_SQLITE, PAGE, PROBLEM, PROGRAM, Person, bearer, log_in
from tests.streams import Board, Frame

Oblige = Callable[[str], None]


@pytest.fixture(autouse=True)
def seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes is seen without the two seconds that a process trusts what it knows."""
    monkeypatch.setattr(options, "TRUSTED_FOR", 0.0)
    monkeypatch.setattr(standing, "TRUSTED_FOR", 0.0)


def is_bound(person: Person) -> bool:
    status = person.get("/api/messages", headers=PROGRAM).status_code
    assert status in {200, 403}
    return status == 403


def test_it_binds_admins_or_everybody_until_they_have_one(
    admin: Person, alice: Person, oblige: Oblige
) -> None:
    assert [is_bound(each) for each in (admin, alice)] == [False, False]
    oblige("admins")
    assert [is_bound(each) for each in (admin, alice)] == [True, False]
    oblige("everybody")
    assert [is_bound(each) for each in (admin, alice)] == [True, True]
    set_up(alice)
    give_passkey("ada")
    assert [is_bound(each) for each in (admin, alice)] == [False, False]
    oblige("nobody")
    assert not is_bound(admin)


def test_who_owes_one_is_led_to_set_it_up_and_may_do_nothing_else(
    alice: Person, oblige: Oblige
) -> None:
    oblige("everybody")
    for path in ("/msgs", "/account", "/account/export", "/"):
        arrived = alice.get(path, headers=PAGE, follow_redirects=True)
        assert arrived.url.path == "/account/second"
    assert "This board asks you for a second factor" in arrived.text
    moved = alice.get("/msgs", headers=HTMX)
    assert moved.headers["hx-redirect"] == "/account/second"
    for path in ("/api/message", "/api/account/timezone", "/api/account/second/codes"):
        refused = alice.post(path, json={"message": "Hi"})
        assert (refused.status_code, refused.headers["content-type"]) == (403, PROBLEM)
        assert "/account/second" in refused.json()["detail"]
    kept = alice.post("/api/message", data={"message": "Half a thought"}, headers=PAGE)
    assert (kept.status_code, "Half a thought" in kept.text) == (403, True)
    assert alice.get("/api/events", headers=PROGRAM).status_code == 403
    set_up(alice)
    assert alice.get("/msgs", headers=PAGE).status_code == 200


@ON_SQLITE
def test_who_owes_one_may_confirm_and_sign_out(
    alice: Person, oblige: Oblige, later: Callable[..., None]
) -> None:
    oblige("everybody")
    later(minutes=11)
    asked = alice.get("/account/second", headers=PAGE)
    assert asked.headers["location"].startswith("/confirm?")
    assert alice.get(asked.headers["location"], headers=PAGE).status_code == 200
    assert alice.post("/api/logout", headers=PROGRAM).json() == {"signed_out": True}


def test_whoever_comes_from_a_provider_owes_none(
    visitor: Person, account: accounts.Account, oblige: Oblige, settings: Settings
) -> None:
    now = clock.now()
    told = {"issuer": "https://corp.test", "subject": "1", "name": "A"}
    with db.write():
        tied = ProvidedIdentity.insert(
            user=account.id, created_at=now, used_at=now, **told
        ).execute()
    signer = Signer(settings.secret_keys)
    me = sessions.start(
        *(account.id, account.password_hash, "UTC", "A test"), method="corp", provided=tied
    )
    visitor.cookies.set(session_cookie.name(signer, "http"), signer.sign(me), domain="board.test")
    oblige("everybody")
    assert not is_bound(visitor)
    log_in(visitor, "alice")
    assert is_bound(visitor)
    visitor.headers |= bearer(account)  # they may have no other way in
    assert not is_bound(visitor)


def test_a_token_of_who_owes_one_does_not_work(
    account: accounts.Account, visitor: Person, alice: Person, oblige: Oblige
) -> None:
    visitor.headers |= bearer(account)
    assert not is_bound(visitor)
    oblige("everybody")
    assert is_bound(visitor)
    set_up(alice)
    assert not is_bound(visitor)


@ON_SQLITE
def test_the_doctor_looks_in_whatever_is_a_duty(
    visitor: Person, account: accounts.Account, oblige: Oblige, settings: Settings
) -> None:
    signer = Signer(settings.secret_keys)
    me = sessions.start(account.id, account.password_hash, "UTC", "", method=begun.DOCTOR)
    visitor.cookies.set(session_cookie.name(signer, "http"), signer.sign(me), domain="board.test")
    oblige("everybody")
    assert not is_bound(visitor)


def test_a_passkey_is_asked_for_at_a_password_if_it_is_a_duty(
    visitor: Person, account: accounts.Account, oblige: Oblige
) -> None:
    give_passkey("alice")
    assert log_in(visitor, "alice").status_code == 200
    oblige("everybody")
    assert log_in(visitor, "alice").json()["type"] == "urn:board:second-step"


def test_the_only_second_factor_stays_while_it_is_a_duty(
    alice: Person, oblige: Oblige, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(alice)
    monkeypatch.setattr(options, "TRUSTED_FOR", 1000.0)  # this process hears of it later
    oblige("everybody")
    kept = alice.post("/api/account/second/off", headers=PROGRAM)
    assert (kept.status_code, "wants a second factor" in kept.json()["detail"]) == (409, True)
    assert offered(alice)  # another app can take its place
    give_passkey("alice")
    assert alice.post("/api/account/second/off", headers=PROGRAM).json() == {"done": "off"}


@ON_SQLITE
def test_admins_decide_it(admin: Person) -> None:
    set_up(admin)
    page = admin.get("/admin/options", headers=PAGE).text
    assert 'name="second_factor" value="everybody"' in page
    wrong = admin.post("/api/admin/options", json={"second_factor": "some"})
    assert list(wrong.json()["errors"]) == ["second_factor"]
    assert admin.post("/api/admin/options", json={"second_factor": "everybody"}).status_code == 200
    assert not is_bound(admin)
    assert [duty.applies("everybody", role) for role in ("guest", "bot")] == [True, False]


@pytest.mark.anyio
@pytest.mark.usefixtures("account")
async def test_open_pages_come_again_when_it_changes(board: Board, oblige: Oblige) -> None:
    alice = await board.sign_in("alice")
    stream, now = await board.open_now(alice)
    oblige("everybody")
    assert await stream.rest() == [Frame(event="resync")]
    again = await board.open(alice, now)
    assert again.status == 403
