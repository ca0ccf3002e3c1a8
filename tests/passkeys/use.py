"""What people do with passkeys, as their browsers send it."""

import json
import secrets
from typing import Any

import httpx2

from service.base import clock
from service.data import db
from service.data.tables import Passkey
from tests.passkeys.authenticator import Authenticator
from tests.people import PROGRAM, Person

NEW = "/account/passkeys/new"
MINE = "/account/passkeys"


def asked(person: Person, path: str = "/api/passkey/question") -> dict[str, Any]:
    answer = person.get(path, headers=PROGRAM)
    assert answer.status_code == 200, answer.text
    return answer.json()


def send_made(
    person: Person, passkey: object, challenge: str, name: str = "Phone"
) -> httpx2.Response:
    told = {"passkey": json.dumps(passkey), "challenge": challenge, "name": name}
    return person.post("/api/account/passkeys", json=told, headers=PROGRAM)


def add(person: Person, device: Authenticator, name: str = "Phone") -> httpx2.Response:
    """Make a passkey on a device, and add it."""
    question = asked(person, NEW)
    return send_made(person, device.make(question["publicKey"]), question["challenge"], name)


def send_answer(
    person: Person, answer: object, challenge: str, path: str = "/api/passkey"
) -> httpx2.Response:
    told = {"credential": json.dumps(answer), "challenge": challenge}
    return person.post(path, json=told, headers=PROGRAM)


def answer_at(person: Person, device: Authenticator, path: str) -> httpx2.Response:
    """Answer what is asked at an address with the passkey of a device."""
    question = asked(person, f"{path}/question")
    answer = device.answer(question["publicKey"])
    return send_answer(person, answer, question["challenge"], path)


def sign_in(person: Person, device: Authenticator) -> httpx2.Response:
    """Sign somebody in with the passkey of a device."""
    return answer_at(person, device, "/api/passkey")


def confirm(person: Person, device: Authenticator) -> httpx2.Response:
    return answer_at(person, device, "/api/passkey/confirm")


def listed(person: Person) -> list[dict[str, Any]]:
    return person.get(MINE, headers=PROGRAM).json()["passkeys"]


def keep(user_id: int, host: str = "board.test") -> int:
    """Let somebody have a passkey that nobody holds, and return its number."""
    with db.write():
        return Passkey.insert(
            user=user_id,
            id_hash=secrets.token_hex(32),
            credential="",
            user_handle="",
            name="Phone",
            rp_id=host,
            sign_count=0,
            backed_up=False,
            created_at=clock.now(),
        ).execute()
