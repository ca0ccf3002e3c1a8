"""Confirmation: what is sensitive asks again who one is, and goes on with what was wanted."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service import registry
from service.access import audit, begun, confirmation, sessions, tokens
from service.access.guards import ConfirmingOwning, Guard
from service.accounts.accounts import Account
from service.base import lanes
from service.base.errors import NotSignedIn
from service.data import db
from service.data.tables import AuditEntry, Session, User
from service.web.forms import Submitted, documented
from tests.at_once import at_once
from tests.people import (
    HTMX,
    ON_SQLITE,
    PAGE,
    PASSWORD,
    PROBLEM,
    PROGRAM,
    Person,
    SignIn,
    cookie_name,
    is_signed_in,
    token,
)

CONFIRMING = {"current_password": PASSWORD}
Later = Callable[..., None]


class Sensitive:
    """A noun with something sensitive: a page, and a form of two fields and a password."""

    router = APIRouter()

    @staticmethod
    @router.get("/sensitive")
    @lanes.on("reads")
    def page(request: Request, me: ConfirmingOwning) -> Response:
        return JSONResponse({"shown": me.name})

    @staticmethod
    @router.post(
        "/api/sensitive",
        openapi_extra=documented(note=(True, "x"), other=(False, "x"), new_password=(False, "x")),
    )
    @lanes.on("writes")
    def change(request: Request, me: ConfirmingOwning, fields: Submitted) -> Response:
        return JSONResponse(fields)


@pytest.fixture(autouse=True)
def sensitive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MODULES", (*registry.MODULES, Sensitive))


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of the form that asks."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)"', page, re.DOTALL)
    return {name: html.unescape(value) for name, value in found}


def confirm(person: Person, **fields: str) -> Any:
    return person.post("/api/confirm", data=fields | CONFIRMING, headers=PAGE)


def test_whoever_just_signed_in_is_not_asked(alice: Person, later: Later) -> None:
    later(minutes=9)
    assert alice.get("/sensitive", headers=PAGE).json() == {"shown": "alice"}
    assert alice.get("/confirm?next=/sensitive", headers=PAGE).headers["location"] == "/sensitive"


def test_a_page_comes_after_the_confirmation(alice: Person, later: Later) -> None:
    later(minutes=11)
    asked = alice.get("/sensitive?tab=2&x=a%20b", headers=PAGE)
    assert asked.status_code == 303
    form = alice.get(asked.headers["location"], headers=PAGE)
    assert "Confirm that it is you" in form.text
    done = confirm(alice, **fields_of(form.text))
    assert (done.status_code, done.headers["location"]) == (303, "/sensitive?tab=2&x=a%20b")
    assert alice.get(done.headers["location"], headers=PAGE).status_code == 200
    later(minutes=22)
    assert alice.get("/sensitive", headers=PAGE).status_code == 303


@pytest.mark.parametrize("caller", [PAGE, HTMX], ids=["form", "htmx"])
def test_what_a_form_held_is_sent_again_after_it(
    alice: Person, later: Later, caller: dict[str, str]
) -> None:
    later(minutes=11)
    sent = {"note": 'Dear "Bob", <b> & others\nä line', "other": "7"}
    from_page = {"referer": "http://board.test/account?done=x"}
    asked = alice.post("/api/sensitive?x=1", data=sent, headers=caller | from_page)
    assert asked.status_code == 403
    assert asked.headers.get("hx-retarget") == ("#main" if caller is HTMX else None)
    assert ("<html" in asked.text) == (caller is PAGE)
    assert 'href="/account">Back' in asked.text
    kept = fields_of(asked.text)
    wrong = alice.post("/api/confirm", data=kept | {"current_password": "no"}, headers=PAGE)
    assert (wrong.status_code, fields_of(wrong.text)) == (422, kept)
    assert "That is not your current password." in wrong.text
    done = confirm(alice, **kept)
    assert (done.status_code, done.headers["location"]) == (307, "/api/sensitive?x=1")
    # A browser sends the body that it has just sent, then.
    assert alice.post(done.headers["location"], data=kept | CONFIRMING).json() == sent


@ON_SQLITE
def test_no_secret_that_was_typed_comes_back(alice: Person, later: Later) -> None:
    later(minutes=11)
    sent = {"note": "A note", "new_password": "a secret of Alice"}
    from_page = {"referer": "http://board.test/account"}
    asked = alice.post("/api/sensitive", data=sent, headers=PAGE | from_page)
    assert (asked.status_code, fields_of(asked.text)) == (403, {"next": "/account"})
    assert "a secret of Alice" not in asked.text


def test_a_program_is_told_where_to_confirm(alice: Person, later: Later) -> None:
    later(minutes=11)
    for refused in (
        alice.get("/sensitive", headers=PROGRAM),
        alice.post("/api/sensitive", json={"note": "x"}),
        alice.post("/api/sensitive", data={"note": "x"}, headers={"accept": "*/*"}),
    ):
        assert (refused.status_code, refused.headers["content-type"]) == (403, PROBLEM)
        assert "/api/confirm" in refused.json()["detail"]
    wrong = alice.post("/api/confirm", json={"current_password": "no"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["current_password"])
    assert alice.post("/api/confirm", json=CONFIRMING).json() == {"confirmed": True}
    assert alice.post("/api/sensitive", json={"note": "x"}).json() == {"note": "x"}
    with db.read():
        assert AuditEntry.select().where(AuditEntry.action == "session.confirmed").count() == 1


def test_a_copy_of_the_cookie_is_worth_nothing_then(
    alice: Person, bob: Person, visitor: Person, later: Later
) -> None:
    later(minutes=11)
    name, before = cookie_name(alice), token(alice)
    answer = alice.post("/api/confirm", json=CONFIRMING)
    assert (answer.status_code, token(alice) == before) == (200, False)
    assert is_signed_in(alice)
    copied = visitor.get("/api/messages", headers=PROGRAM | {"cookie": f"{name}={before}"})
    assert copied.status_code == 401
    with db.read():
        kept = [
            (row.device, row.zone, row.created_at, row.expires_at)
            for row in Session.select().join(User).where(User.username == "alice")
        ]
    assert len(kept) == 2
    assert kept[0] == kept[1]
    assert is_signed_in(bob)


def test_the_session_one_is_in_can_be_ended_after_it(alice: Person, later: Later) -> None:
    later(minutes=11)
    (here,) = begun.open_sessions(1)
    path = f"/api/account/sessions/{here.id}/end"
    asked = alice.post(path, headers=PAGE)
    assert asked.status_code == 403
    done = confirm(alice, **fields_of(asked.text))
    ended = alice.post(done.headers["location"], data=CONFIRMING, headers=PAGE)
    assert (done.status_code, ended.status_code, is_signed_in(alice)) == (307, 303, False)


def test_of_eight_at_once_one_confirms(account: Account) -> None:
    me = sessions.start(account.id, account.password_hash, "UTC", "A test")

    def confirm() -> bool:
        try:
            confirmation.confirm(me, audit.OPERATOR)
        except NotSignedIn:
            return False
        return True

    assert sum(at_once([confirm] * 8)) == 1
    assert len(begun.open_sessions(account.id)) == 1


def test_one_session_confirms_for_no_other(sign_in: SignIn, later: Later) -> None:
    alice, copied = sign_in("alice"), sign_in("alice")
    later(minutes=11)
    assert alice.post("/api/confirm", json=CONFIRMING).status_code == 200
    assert alice.get("/sensitive", headers=PROGRAM).status_code == 200
    assert copied.get("/sensitive", headers=PROGRAM).status_code == 403


@ON_SQLITE
@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/\n/evil.example", "evil", ""],
)
def test_nobody_is_sent_elsewhere(alice: Person, later: Later, elsewhere: str) -> None:
    fresh = alice.get("/confirm", params={"next": elsewhere}, headers=PAGE)
    assert fresh.headers["location"] == "/account"
    later(minutes=11)
    form = alice.get("/confirm", params={"next": elsewhere}, headers=PAGE)
    assert fields_of(form.text) == {"next": "/account"}
    done = confirm(alice, next=elsewhere, again=elsewhere)
    assert (done.status_code, done.headers["location"]) == (303, "/account")


@ON_SQLITE
def test_guesses_are_throttled_and_nothing_is_lost(alice: Person, later: Later) -> None:
    later(minutes=11)
    kept = {"next": "/account", "again": "/api/sensitive", "note": "Kept"}
    for _ in range(5):
        alice.post("/api/confirm", json={"current_password": "no"})
    refused = confirm(alice, **kept)
    assert (refused.status_code, fields_of(refused.text)) == (429, kept)
    assert "Too many failed" in refused.text
    assert alice.get("/sensitive", headers=PROGRAM).status_code == 403


@ON_SQLITE
def test_whoever_has_no_password_is_told_another_way(alice: Person, later: Later) -> None:
    with db.write():
        User.update(password_hash=tokens.NO_PASSWORD).execute()
    later(minutes=11)
    page = alice.get("/confirm", headers=PAGE).text
    assert 'type="password"' not in page
    assert "Sign out and sign in again" in page


def test_others_devices_are_signed_out_by_whoever_confirms(
    alice: Person, visitor: Person, later: Later
) -> None:
    later(minutes=11)
    for what in ("end", f"{'0' * 32}/end"):
        refused = alice.post(f"/api/account/sessions/{what}", headers=PROGRAM)
        assert (refused.status_code, is_signed_in(alice)) == (403, True)
    assert visitor.post("/api/confirm", json=CONFIRMING).status_code == 401
    assert visitor.get("/confirm", headers=PAGE).headers["location"] == "/"


def guards() -> list[tuple[str, Guard]]:
    """Return the guard of every form, with its path."""
    routes = [route for module in registry.MODULES for route in module.router.routes]
    return [
        (route.path, each.call)
        for route in routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
        for each in route.dependant.dependencies
        if isinstance(each.call, Guard)
    ]


def test_whatever_admins_alone_change_asks_again() -> None:
    admins = [(path, guard) for path, guard in guards() if guard.actions == ("manage",)]
    assert admins
    assert [path for path, guard in admins if not guard.fresh] == []


# What says nothing of who one is, only takes a right away, or asks for a proof by itself.
NOT_SENSITIVE = {"/api/account/name", "/api/account/timezone", "/api/account/look"}
NOT_SENSITIVE |= {"/api/account/passkeys/{passkey_id}/name"}
ASK_THEMSELVES = {"/api/account/password", "/api/confirm", "/api/passkey/confirm"}


def test_whatever_is_sensitive_on_ones_own_account_asks_again() -> None:
    own = [(path, guard) for path, guard in guards() if guard.actions == ("account",)]
    asks_not = {path for path, guard in own if not guard.fresh and not path.endswith("/revoke")}
    assert asks_not == NOT_SENSITIVE | ASK_THEMSELVES
