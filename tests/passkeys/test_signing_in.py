"""Signing in by a passkey, and confirming by one."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from service.data import db
from service.data.tables import AuditEntry, Passkey, Session, User
from service.passkeys import passkeys
from tests.at_once import at_once
from tests.measuring import Measured
from tests.passkeys import use
from tests.passkeys.authenticator import PRESENT, VERIFIED, Authenticator
from tests.people import (
    ONE_DATABASE,
    PAGE,
    PROBLEM,
    PROGRAM,
    Person,
    is_signed_in,
)

Later = Callable[..., None]


@pytest.fixture
def device(alice: Person) -> Authenticator:
    """Return Alice's, which does not count."""
    device = Authenticator(count=0)
    assert use.add(alice, device).status_code == 200
    return device


def audited(action: str) -> list[tuple[str, str]]:
    with db.read():
        rows = list(AuditEntry.select().where(AuditEntry.action == action))
    return [(row.actor, row.detail) for row in rows]


def test_alice_signs_in_without_her_name(
    visitor: Person, device: Authenticator, caplog: pytest.LogCaptureFixture
) -> None:
    question = use.asked(visitor)["publicKey"]
    assert (question["rpId"], question["userVerification"]) == ("board.test", "required")
    assert not question.get("allowCredentials")
    with caplog.at_level(logging.INFO):
        answer = use.sign_in(visitor, device)
    assert (answer.status_code, answer.json()["username"]) == (200, "alice")
    assert is_signed_in(visitor)
    assert use.listed(visitor)[0]["used_at"]
    ((name, detail),) = audited("signed.in")
    assert (name, json.loads(detail)["method"]) == ("alice", "passkey")
    assert not any(record.name.startswith("fido2") for record in caplog.records)


@ONE_DATABASE
def test_passkeys_are_measured_by_what_became_of_them(
    measured: Measured, visitor: Person, device: Authenticator
) -> None:
    assert use.sign_in(visitor, device).status_code == 200
    assert [use.sign_in(visitor, Authenticator()).status_code for _ in range(6)][-1] == 429
    found = {
        outcome: measured.value("sign_ins_total", method="passkey", outcome=outcome)
        for outcome in ("succeeded", "failed", "throttled")
    }
    assert found == {"succeeded": 1, "failed": 5, "throttled": 1}
    assert measured.value("throttled_total", limit="codes") == 1


def test_one_that_is_removed_at_that_moment_signs_nobody_in(
    visitor: Person, device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = passkeys._lock

    def remove(user_id: int) -> User:
        Passkey.delete().execute()
        return lock(user_id)

    monkeypatch.setattr(passkeys, "_lock", remove)
    assert use.sign_in(visitor, device).status_code == 401


def test_a_browsers_form_goes_on_to_the_board(visitor: Person, device: Authenticator) -> None:
    question = use.asked(visitor)
    fields = {"credential": json.dumps(device.answer(question["publicKey"]))}
    fields |= {"challenge": question["challenge"], "user_timezone": "Asia/Tokyo"}
    answer = visitor.post("/api/passkey", data=fields, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/msgs")
    assert "<option selected>Asia/Tokyo" in visitor.get("/account").text


def test_it_is_known_from_then_on_where_she_signs_in(
    visitor: Person, device: Authenticator
) -> None:
    use.sign_in(visitor, device)
    assert any("board-device-" in name for name in visitor.cookies)


def test_of_eight_that_send_the_same_answer_one_is_signed_in(
    visitor: Person, device: Authenticator
) -> None:
    question = use.asked(visitor)
    answer = device.answer(question["publicKey"])

    def send() -> int:
        return use.send_answer(visitor, answer, question["challenge"]).status_code

    assert sorted(at_once([send] * 8)) == [200, *[409] * 7]


def test_a_challenge_of_another_time_or_purpose_signs_nobody_in(
    alice: Person, visitor: Person, device: Authenticator, later: Later
) -> None:
    confirming = use.asked(alice, "/api/passkey/confirm/question")
    answer = device.answer(confirming["publicKey"])
    assert use.send_answer(visitor, answer, confirming["challenge"]).status_code == 409
    question = use.asked(visitor)
    answer = device.answer(question["publicKey"])
    assert use.send_answer(visitor, answer, use.asked(visitor)["challenge"]).status_code == 401
    later(minutes=6)
    assert use.send_answer(visitor, answer, question["challenge"]).status_code == 409
    assert not is_signed_in(visitor)


@pytest.mark.parametrize(
    ("before", "counts"),
    [(0, [(0, 200), (0, 200), (4, 200), (4, 401), (3, 401), (0, 401), (5, 200)])],
)
def test_a_count_that_does_not_go_up_is_refused_and_told(
    visitor: Person, device: Authenticator, before: int, counts: list[tuple[int, int]]
) -> None:
    for count, status in counts:
        device.count = count
        assert (count, use.sign_in(visitor, device).status_code) == (count, status)
    assert audited("passkey.refused") == [("alice", '{"passkey": "Phone"}')] * 3


WRONG: dict[str, dict[str, Any]] = {
    "another site's page": {"origin": "https://evil.test"},
    "a subdomain's page": {"origin": "https://sub.board.test"},
    "a page inside another's": {"more": {"crossOrigin": True}},
    "of another kind": {"more": {"type": "webauthn.create"}},
    "another host": {"host": "evil.test"},
    "nobody there": {"flags": VERIFIED},
    "nobody verified": {"flags": PRESENT},
}


@ONE_DATABASE
@pytest.mark.parametrize("wrong", WRONG)
def test_what_no_passkey_may_say_is_refused(
    visitor: Person, device: Authenticator, wrong: str
) -> None:
    answer = use.sign_in(visitor, replace(device, **WRONG[wrong]))
    assert answer.status_code in {401, 422}
    assert answer.headers["content-type"] == PROBLEM
    assert not is_signed_in(visitor)


@ONE_DATABASE
def test_what_nobody_signed_for_her_is_not_taken(
    visitor: Person, bob: Person, device: Authenticator
) -> None:
    other_device = Authenticator()
    use.add(bob, other_device)
    for wrong in (
        Authenticator(),
        replace(device, key=Authenticator().key),  # another signs with her passkey's id
        replace(device, handle=other_device.handle),  # and says to be somebody else
    ):
        answer = use.sign_in(visitor, wrong)
        assert (answer.status_code, answer.json()["title"]) == (401, "That passkey is not taken")
    assert not is_signed_in(visitor)


@ONE_DATABASE
def test_guesses_count_against_their_network(visitor: Person, device: Authenticator) -> None:
    answers = [use.sign_in(visitor, Authenticator()) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert use.sign_in(visitor, device).status_code == 429


@ONE_DATABASE
def test_who_may_not_sign_in_is_not_let_in(visitor: Person, device: Authenticator) -> None:
    with db.write():
        User.update(disabled_at=Session.select(Session.created_at).limit(1)).execute()
    assert "may not sign in" in use.sign_in(visitor, device).json()["detail"]
    with db.write():
        User.update(pending_at=User.disabled_at).execute()
    answer = use.sign_in(visitor, device)
    assert (answer.status_code, "let you in first" in answer.json()["detail"]) == (401, True)
    assert not is_signed_in(visitor)


def test_alice_confirms_by_a_passkey(alice: Person, device: Authenticator, later: Later) -> None:
    later(minutes=11)
    page = alice.get("/confirm?next=/account/export", headers=PAGE).text
    assert 'action="/account/export" method="get"' in page
    (known,) = use.asked(alice, "/api/passkey/confirm/question")["publicKey"]["allowCredentials"]
    assert known["type"] == "public-key"
    told = use.confirm(alice, device).json()
    assert (told["confirmed"], told["session"] == told["session_before"]) == (True, False)
    assert alice.get("/confirm?next=/account/export").headers["location"] == "/account/export"
    assert ("alice", '{"method": "passkey"}') in audited("session.confirmed")


def test_what_was_sent_goes_on_after_the_confirmation(
    alice: Person, device: Authenticator, later: Later
) -> None:
    later(minutes=11)
    fields = {"name": "Tablet", "passkey": "made", "challenge": "signed"}
    page = alice.post("/api/account/passkeys", data=fields, headers=PAGE).text
    form = page[
        page.index("data-passkey") - 200 : page.index("</form>", page.index("data-passkey"))
    ]
    assert 'action="/api/account/passkeys" method="post"' in form
    for name, text in fields.items():
        assert f'name="{name}" value="{text}"' in form


def test_anothers_passkey_confirms_nothing(
    alice: Person, bob: Person, device: Authenticator, later: Later
) -> None:
    use.add(bob, Authenticator())
    later(minutes=11)
    answer = use.confirm(bob, device)
    assert (answer.status_code, answer.json()["errors"].keys()) == (422, {"credential"})
    assert bob.get("/account/export", headers=PROGRAM).status_code == 403


@ONE_DATABASE
def test_nobody_is_asked_to_confirm_who_is_not_signed_in(visitor: Person) -> None:
    answer = visitor.get("/api/passkey/confirm/question", headers=PROGRAM)
    assert answer.status_code == 401


@ONE_DATABASE
def test_the_sign_in_page_has_a_button_and_no_names(visitor: Person, device: Authenticator) -> None:
    page = visitor.get("/").text
    assert "Sign in with a passkey" in page
    assert "passkeys/sign_in." in page
