"""One's own passkeys: added, named, removed; and what is no passkey."""

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from service.access import tokens
from service.data import db
from service.data.tables import AuditEntry, Passkey, User
from service.passkeys import passkeys
from tests.passkeys import use
from tests.passkeys.authenticator import BACKED_UP, PRESENT, VERIFIED, Authenticator
from tests.passkeys.use import MINE, NEW
from tests.people import ONE_DATABASE, PAGE, PROBLEM, PROGRAM, Person

Later = Callable[..., None]


def audited(action: str) -> list[str]:
    with db.read():
        return [row.detail for row in AuditEntry.select().where(AuditEntry.action == action)]


def test_alice_adds_a_passkey(alice: Person, device: Authenticator) -> None:
    question = use.asked(alice, NEW)["publicKey"]
    assert question["rp"] == {"name": "Board", "id": "board.test"}
    assert question["user"]["name"] == "alice"
    assert question["authenticatorSelection"]["userVerification"] == "required"
    assert question["authenticatorSelection"]["residentKey"] == "required"
    device.flags |= BACKED_UP | 0x08
    assert use.add(alice, device, " My  phone ").json() == {"done": "added"}
    (found,) = use.listed(alice)
    assert (found["name"], found["host"], found["used_at"]) == ("My phone", "board.test", None)
    assert found["backed_up"]
    assert audited("passkey.added") == ['{"passkey": "My phone"}']
    page = alice.get(MINE, headers=PAGE).text
    assert "My phone" in page
    assert "not used yet" in page


def test_all_her_passkeys_know_her_by_the_same_number_and_none_is_made_twice(
    alice: Person, bob: Person, device: Authenticator
) -> None:
    use.add(alice, device)
    question = use.asked(alice, NEW)["publicKey"]
    (known,) = question["excludeCredentials"]
    assert device.make(question)["id"] == known["id"]
    other_device = Authenticator()
    use.add(alice, other_device)
    assert device.handle == other_device.handle
    twice = use.add(bob, device)
    assert (twice.status_code, use.listed(bob)) == (409, [])


def test_a_passkey_gets_another_name(alice: Person, device: Authenticator) -> None:
    use.add(alice, device)
    path = f"/api{MINE}/{use.listed(alice)[0]['id']}"
    assert (
        alice.post(f"{path}/name", data={"name": "Old phone"}).headers["location"].startswith(MINE)
    )
    assert use.listed(alice)[0]["name"] == "Old phone"
    for name in (" ", "x" * 51):
        answer = alice.post(f"{path}/name", data={"name": name}, headers=PAGE)
        assert answer.status_code == 422
        assert "Give it a name" in answer.text


def test_a_passkey_is_removed(alice: Person, bob: Person, device: Authenticator) -> None:
    use.add(alice, device)
    path = f"/api{MINE}/{use.listed(alice)[0]['id']}"
    for what in ("name", "remove"):
        answer = bob.post(f"{path}/{what}", json={"name": "Mine"}, headers=PROGRAM)
        assert answer.status_code == 404
    assert alice.post(f"{path}/remove", json={}, headers=PROGRAM).json() == {"done": "removed"}
    assert use.listed(alice) == []
    assert audited("passkey.removed") == ['{"passkey": "Phone"}']
    assert use.sign_in(alice, device).status_code == 401


def test_her_only_way_in_stays(alice: Person, device: Authenticator) -> None:
    use.add(alice, device)
    with db.write():
        User.update(password_hash=tokens.NO_PASSWORD).execute()
    path = f"/api{MINE}/{use.listed(alice)[0]['id']}/remove"
    answer = alice.post(path, data={}, headers=PAGE)
    assert answer.status_code == 409
    assert "It is your only way in." in answer.text
    assert len(use.listed(alice)) == 1


def test_there_are_not_too_many(
    alice: Person, device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passkeys, "MOST", 1)
    use.add(alice, device)
    assert use.add(alice, Authenticator()).status_code == 409
    assert len(use.listed(alice)) == 1
    assert "Add a passkey" not in alice.get(MINE, headers=PAGE).text


def test_what_is_sensitive_asks_who_she_is(
    alice: Person, device: Authenticator, later: Later
) -> None:
    use.add(alice, device)
    path = f"/api{MINE}/{use.listed(alice)[0]['id']}/remove"
    later(minutes=11)
    assert alice.get(NEW, headers=PAGE).headers["location"] == f"/confirm?next={NEW}"
    for refused in (path, f"/api{MINE}"):
        assert alice.post(refused, json={}, headers=PROGRAM).status_code == 403
    assert len(use.listed(alice)) == 1


def test_a_challenge_is_good_once_for_a_few_minutes_and_for_one_user(
    alice: Person, bob: Person, device: Authenticator, later: Later
) -> None:
    question = use.asked(alice, NEW)
    challenge, made = question["challenge"], device.make(question["publicKey"])
    assert use.send_made(bob, made, challenge).status_code == 409
    assert use.send_made(alice, made, "").status_code == 409
    assert use.send_made(alice, made, challenge).status_code == 200
    another = Authenticator().make(question["publicKey"])
    assert use.send_made(alice, another, challenge).status_code == 409
    of_sign_in = use.asked(alice)
    made = Authenticator().make(question["publicKey"] | of_sign_in["publicKey"])
    assert use.send_made(alice, made, of_sign_in["challenge"]).status_code == 409
    question = use.asked(alice, NEW)
    later(minutes=6)
    made = Authenticator().make(question["publicKey"])
    answer = use.send_made(alice, made, question["challenge"])
    assert (answer.status_code, answer.headers["content-type"]) == (409, PROBLEM)
    assert len(use.listed(alice)) == 1


WRONG_KEYS = {
    "of a kind that nobody asked for": {1: 2, 3: -35, -1: 2, -2: b"x" * 48, -3: b"y" * 48},
    "of no kind": {1: 2, 3: -65000},
    "without a kind": {1: 2},
    "off the curve": {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32},
    "on another curve": {1: 2, 3: -7, -1: 2, -2: b"x" * 32, -3: b"y" * 32},
    "without numbers": {1: 2, 3: -7, -1: 1},
    "of text": {1: 2, 3: -7, -1: 1, -2: "x", -3: "y"},
    "too long": {1: 3, 3: -257, -1: b"\xff" * 3000, -2: b"\1\0\1"},
}
WRONG: dict[str, dict[str, Any]] = {
    "another site's page": {"origin": "https://evil.test"},
    "a subdomain's page": {"origin": "https://sub.board.test"},
    "another port's page": {"origin": "https://board.test:8443"},
    "a page without TLS": {"origin": "http://board.test"},
    "a page inside another's": {"more": {"crossOrigin": True}},
    "of another kind": {"more": {"type": "webauthn.get"}},
    "another challenge": {"more": {"challenge": "AAAA"}},
    "another host": {"host": "evil.test"},
    "nobody there": {"flags": VERIFIED},
    "nobody verified": {"flags": PRESENT},
    "backed up, and can't be": {"flags": PRESENT | VERIFIED | BACKED_UP},
    "no key": {"flags": PRESENT | VERIFIED | 0x80},
    "an id too long": {"id": b"x" * 1024},
    "no id": {"id": b""},
    **{f"a key {name}": {"cose": cose} for name, cose in WRONG_KEYS.items()},
}


@ONE_DATABASE
def test_what_no_passkey_may_say_is_refused(alice: Person) -> None:
    for name, wrong in WRONG.items():
        answer = use.add(alice, Authenticator(**wrong))
        assert (name, answer.status_code) == (name, 422)
        assert answer.json()["errors"].keys() == {"passkey"}
    assert use.listed(alice) == []


@ONE_DATABASE
def test_passkeys_that_work_only_once_the_board_is_back_at_their_host(
    alice: Person, device: Authenticator
) -> None:
    use.add(alice, device)
    with db.write():
        Passkey.update(rp_id="old.example").execute()
    page = alice.get(MINE, headers=PAGE).text
    assert "for old.example" in page
    assert "It does not work any more" in page
    assert use.asked(alice, NEW)["publicKey"]["excludeCredentials"] == []
    assert use.sign_in(alice, device).status_code == 401


@ONE_DATABASE
def test_the_page_asks_the_browser_and_needs_its_scripts(alice: Person) -> None:
    page = alice.get(NEW, headers=PAGE).text
    (options,) = re.findall(r'data-options="([^"]*)"', page)
    assert json.loads(html.unescape(options))["rp"]["id"] == "board.test"
    assert "Adding a passkey needs JavaScript" in page
