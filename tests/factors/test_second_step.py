"""The second step: after the right password a code is asked for, and none is good twice."""

from collections.abc import Callable
from functools import partial

import pytest
from starlette.testclient import TestClient

from service.access import second_codes
from service.accounts import accounts
from service.data import db
from service.data.tables import AuditEntry, KnownNetwork, SecondFactor
from tests.at_once import at_once
from tests.factors.apps import App, both, second
from tests.measuring import Measured
from tests.people import (
    HTMX,
    ON_SQLITE,
    PAGE,
    PASSWORD,
    PROBLEM,
    Person,
    is_signed_in,
    log_in,
    new_client,
)

FIELDS = {"username": "alice", "password": PASSWORD}
Later = Callable[..., None]


def noted(action: str) -> int:
    with db.read():
        return AuditEntry.select().where(AuditEntry.action == action).count()


def test_a_program_is_told_of_the_second_step(visitor: Person, app: App) -> None:
    asked = log_in(visitor, "alice", user_timezone="Asia/Tokyo")
    assert (asked.status_code, asked.headers["content-type"]) == (401, PROBLEM)
    assert asked.json()["type"] == "urn:board:second-step"
    assert not is_signed_in(visitor)
    entered = second(visitor, app.code(1))
    assert entered.json() == {"username": "alice", "user_timezone": "Asia/Tokyo"}
    assert is_signed_in(visitor)


@pytest.mark.parametrize("caller", [PAGE, HTMX], ids=["form", "htmx"])
def test_a_browser_goes_by_the_page_of_the_second_step(
    visitor: Person, app: App, caller: dict[str, str]
) -> None:
    to = "location" if caller is PAGE else "hx-redirect"
    assert visitor.post("/api/login", data=FIELDS, headers=caller).headers[to] == "/second"
    page = visitor.get("/second", headers=PAGE).text
    assert 'autocomplete="one-time-code"' in page
    wrong = visitor.post("/api/second", data={"code": "12 34"}, headers=caller)
    assert (wrong.status_code, "Type the six digits" in wrong.text) == (422, True)
    assert visitor.post("/api/second", data={"code": app.code(1)}, headers=caller).headers[to] == (
        "/msgs"
    )
    assert is_signed_in(visitor)
    # Nothing is left to go on with.
    assert visitor.get("/second", headers=PAGE).headers["location"] == "/"


@ON_SQLITE
def test_both_steps_together_are_measured_as_one_attempt(
    measured: Measured, visitor: Person, app: App
) -> None:
    log_in(visitor, "alice")
    assert second(visitor, "000000").status_code == 422
    assert second(visitor, app.code(1)).status_code == 200
    found = {
        outcome: measured.value("sign_ins_total", method="password", outcome=outcome)
        for outcome in ("succeeded", "failed", "throttled")
    }
    assert found == {"succeeded": 1, "failed": 1, "throttled": 0}


def test_no_code_is_good_twice(visitor: Person, app: App) -> None:
    assert both(visitor, "alice", app.code()).status_code == 422  # it set the app up
    code = app.code(1)
    assert both(visitor, "alice", code).status_code == 200
    again = both(visitor, "alice", code)
    assert again.json()["errors"] == {"code": second_codes.USED}


def test_of_eight_at_once_one_gets_in(app_client: TestClient, app: App, codes: list[str]) -> None:
    for code in (app.code(1), codes[0]):
        people = [new_client(app_client) for _ in range(8)]
        for each in people:
            log_in(each, "alice")
        answers = at_once([partial(second, each, code) for each in people])
        assert sorted(answer.status_code for answer in answers).count(200) == 1
        with db.write():
            SecondFactor.update(failures=0, locked_until=None).execute()


def test_wrong_codes_lock_the_second_step(
    visitor: Person, app: App, codes: list[str], later: Later
) -> None:
    log_in(visitor, "alice")
    for _ in range(4):
        assert second(visitor, "000000").status_code == 422
    locked = second(visitor, "000000")
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "60")
    assert second(visitor, app.code(1)).status_code == 429  # the right one
    assert noted("second.locked") == 1
    later(seconds=61)
    assert second(visitor, "000000").headers["retry-after"] == "120"
    later(seconds=61 + 121)
    assert second(visitor, app.code()).status_code == 200
    with db.read():
        row = SecondFactor.get()
    assert (row.failures, row.locked_until, noted("second.locked")) == (0, None, 2)


def test_of_eight_wrong_ones_at_once_none_goes_uncounted(app_client: TestClient, app: App) -> None:
    people = [new_client(app_client) for _ in range(8)]
    for each in people:
        log_in(each, "alice")
    answers = at_once([partial(second, each, "000000") for each in people])
    assert sorted(answer.status_code for answer in answers) == [422] * 4 + [429] * 4
    with db.read():
        assert SecondFactor.get().failures == 5


@ON_SQLITE
def test_a_lock_lasts_an_hour_at_most_and_ends_if_the_clock_was_wrong(
    visitor: Person, app: App, later: Later
) -> None:
    log_in(visitor, "alice")
    with db.write():
        SecondFactor.update(failures=100).execute()
    assert second(visitor, "000000").headers["retry-after"] == "3600"
    later(hours=-2)
    log_in(visitor, "alice")
    with db.write():
        SecondFactor.update(totp_step=0).execute()
    assert second(visitor, app.code()).status_code == 200


def test_a_recovery_code_works_once_however_it_is_typed_and_while_codes_are_locked(
    visitor: Person, codes: list[str]
) -> None:
    log_in(visitor, "alice")
    for _ in range(5):
        second(visitor, "000000")
    typed = f" {codes[3].lower().replace('-', ' ').replace('o', '0')} "
    entered = second(visitor, typed)
    assert entered.json()["recovery_codes_left"] == 9
    log_in(visitor, "alice")
    assert second(visitor, codes[3]).status_code == 422
    assert noted("second.recovered") == 1
    told = visitor.post("/api/second", data={"code": codes[4]}, headers=PAGE)
    assert told.headers["location"] == "/account/second?done=recovered"
    page = visitor.get("/account/second?done=recovered", headers=PAGE).text
    assert "used up" in page
    assert "8 are left" in page


def test_the_way_to_the_second_step_is_open_for_ten_minutes_and_one_password(
    visitor: Person, app: App, later: Later
) -> None:
    assert second(visitor, app.code(1)).status_code == 401  # no password came
    log_in(visitor, "alice")
    later(minutes=11)
    assert second(visitor, app.code(1)).status_code == 401
    assert visitor.get("/second", headers=PAGE).headers["location"] == "/"
    log_in(visitor, "alice")
    account = accounts.find("alice")
    assert account
    accounts.reset_password(account.id, "an entirely new password")
    assert second(visitor, app.code(1)).status_code == 401


@ON_SQLITE
def test_half_a_sign_in_is_no_session_and_makes_nothing_known(visitor: Person, app: App) -> None:
    log_in(visitor, "alice")
    assert [name for name in visitor.cookies if "session" in name or "device" in name] == []
    (name,) = [name for name in visitor.cookies if "second" in name]
    visitor.cookies.set(name.replace("second", "session"), visitor.cookies[name])
    assert not is_signed_in(visitor)
    with db.read():
        assert not KnownNetwork.select().exists()
    visitor.cookies.set(name, visitor.cookies[name][:-2] + "AA")
    assert second(visitor, app.code(1)).status_code == 401


@ON_SQLITE
def test_a_code_confirms_and_counts_as_at_signing_in(alice: Person, app: App, later: Later) -> None:
    later(minutes=11)
    assert "Confirm with the code" in alice.get("/confirm", headers=PAGE).text
    for _ in range(4):
        assert alice.post("/api/confirm", json={"code": "000000"}).status_code == 422
    assert alice.post("/api/confirm", json={"code": app.code()}).json() == {"confirmed": True}
    again = alice.post("/api/confirm", data={"code": app.code(), "next": "/msgs"}, headers=PAGE)
    assert (again.status_code, second_codes.USED in again.text) == (422, True)
    with db.read():  # the right one began anew
        assert SecondFactor.get().failures == 1
