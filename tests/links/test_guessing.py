"""Codes that are guessed: whatever they are for, and wherever they are told."""

import secrets
from itertools import cycle, islice

import pytest

from tests.people import PAGE, PROBLEM, PROGRAM, Person

PAGES = ("/join", "/reset", "/email", "/identity")
FORMS = ("/api/join", "/api/reset", "/api/email")


def guess(person: Person, path: str) -> int:
    code = {"code": secrets.token_hex(16)}
    if path in PAGES:
        return person.get(path, params=code, headers=PAGE).status_code
    return person.post(path, json=code).status_code


@pytest.mark.parametrize("told", [PAGES, FORMS], ids=["looked at", "used"])
def test_whoever_guesses_codes_waits(visitor: Person, told: tuple[str, ...]) -> None:
    guesses = [guess(visitor, path) for path in islice(cycle(told), 6)]
    assert guesses == [404] * 5 + [429]
    refused = visitor.get("/join", params={"code": "0" * 32}, headers=PROGRAM)
    assert refused.headers["content-type"] == PROBLEM
    assert refused.json()["detail"].startswith("Too many wrong codes.")
    assert int(refused.headers["retry-after"]) <= 60
    # An address without a code is no guess.
    assert visitor.get("/reset", headers=PAGE).status_code == 404
