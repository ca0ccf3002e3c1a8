"""The people of the tests: Alice owns, Bob is a member, Charlie is a stranger."""

from functools import cache

import httpx2
from starlette.testclient import TestClient

from service import accounts, clock, db, tokens
from service.models import User

PASSWORD = "correct horse battery"

Person = httpx2.Client


@cache
def password_hash() -> str:
    """Return PASSWORD's hash, made once: it takes 28 ms."""
    return tokens.hash_password(PASSWORD)


def add_person(name: str) -> accounts.Account:
    """Add a user who has PASSWORD."""
    with db.write():
        User.insert(
            username=name,
            username_key=accounts.name_key(name),
            password_hash=password_hash(),
            timezone="UTC",
            created_at=clock.now(),
        ).execute()
    account = accounts.find(name)
    assert account
    return account


def sign_in_to(client: TestClient, name: str, zone: str, password: str) -> Person:
    """Sign somebody in with a cookie jar of their own, to the same running application."""
    person = httpx2.Client(transport=client._transport, base_url=client.base_url)
    answer = person.post(
        "/api/login", json={"username": name, "password": password, "user_timezone": zone}
    )
    assert answer.status_code == 200, answer.text
    return person
