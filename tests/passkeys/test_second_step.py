"""A passkey as the second factor: after the password, and where one must have one."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from service.access import options
from service.access.audit import OPERATOR
from service.access.options import Current
from service.data import db
from service.data.tables import AuditEntry, RecoveryCode
from tests.passkeys import use
from tests.passkeys.authenticator import Authenticator
from tests.people import ONE_DATABASE, PAGE, PROGRAM, Person, is_signed_in, log_in

SECOND = "/api/passkey/second"
Oblige = Callable[[str], None]


@pytest.fixture
def oblige(app_client: TestClient) -> Oblige:
    """Return a function that makes a second factor a duty, which the board knows at once."""

    def oblige(whom: str) -> None:
        with db.write():
            options.set(OPERATOR, "second_factor", whom)
        app_client.app.app.own[Current].refresh()  # ty: ignore

    return oblige


@pytest.fixture
def device(alice: Person, oblige: Oblige) -> Authenticator:
    """Return Alice's, on a board where everybody must have a second factor."""
    device = Authenticator(count=0)
    assert use.add(alice, device).status_code == 200
    oblige("everybody")
    return device


def halfway(visitor: Person) -> None:
    """Let the visitor tell Alice's password."""
    assert log_in(visitor, "alice", user_timezone="Asia/Tokyo").status_code == 401


def test_after_the_password_a_passkey_is_asked_for(visitor: Person, device: Authenticator) -> None:
    halfway(visitor)
    assert not is_signed_in(visitor)
    page = visitor.get("/second", headers=PAGE).text
    assert "Use your passkey" in page
    assert "passkeys/second." in page
    question = use.asked(visitor, f"{SECOND}/question")
    assert len(question["publicKey"]["allowCredentials"]) == 1
    answer = use.send_answer(
        visitor, device.answer(question["publicKey"]), question["challenge"], SECOND
    )
    assert answer.json() == {"username": "alice", "user_timezone": "Asia/Tokyo"}
    assert is_signed_in(visitor)
    with db.read():
        entries = list(AuditEntry.select().where(AuditEntry.action == "signed.in"))
    assert '"second": "passkey"' in entries[-1].detail
    assert visitor.get("/second", headers=PAGE).headers["location"] == "/"


@ONE_DATABASE
def test_anothers_passkey_is_no_second_step(
    visitor: Person, bob: Person, device: Authenticator
) -> None:
    bobs = Authenticator(count=0)
    use.add(bob, bobs)
    halfway(visitor)
    assert use.answer_at(visitor, bobs, SECOND).status_code == 401
    signing_in = use.asked(visitor)
    answer = device.answer(signing_in["publicKey"])
    assert use.send_answer(visitor, answer, signing_in["challenge"], SECOND).status_code == 409
    assert not is_signed_in(visitor)


@ONE_DATABASE
def test_without_the_password_there_is_no_second_step(
    visitor: Person, device: Authenticator
) -> None:
    assert visitor.get(f"{SECOND}/question", headers=PROGRAM).status_code == 401
    question = use.asked(visitor)
    answer = device.answer(question["publicKey"])
    assert use.send_answer(visitor, answer, question["challenge"], SECOND).status_code == 401


@ONE_DATABASE
def test_a_passkey_is_both_factors_at_once(visitor: Person, device: Authenticator) -> None:
    assert use.sign_in(visitor, device).status_code == 200
    assert is_signed_in(visitor)


def test_the_second_factor_that_one_must_have_stays(
    alice: Person, device: Authenticator, oblige: Oblige
) -> None:
    path = f"/api{use.MINE}/{use.listed(alice)[0]['id']}/remove"
    made = alice.post("/api/account/second/codes", json={}, headers=PROGRAM)
    assert made.status_code == 200
    refused = alice.post(path, json={}, headers=PROGRAM)
    assert refused.status_code == 409
    assert "wants a second factor of you" in refused.json()["detail"]
    assert len(use.listed(alice)) == 1
    oblige("nobody")
    assert alice.post(path, json={}, headers=PROGRAM).status_code == 200
    with db.read():  # they stand in for nothing any more
        assert not RecoveryCode.select().exists()


@ONE_DATABASE
def test_who_must_have_a_second_factor_can_set_a_passkey_up_first(
    bob: Person, device: Authenticator
) -> None:
    assert bob.get("/account", headers=PROGRAM).status_code == 403
    assert "asks you for a second factor" in bob.get(use.MINE, headers=PAGE).text
    assert use.add(bob, Authenticator()).status_code == 200
    assert bob.get("/account").status_code == 200
