"""What the tests of providers do and look up."""

from collections.abc import Callable
from typing import Any

import httpx2

from service.data import db
from service.data.tables import User
from tests.people import Person

Go = Callable[..., httpx2.Response]


def sent_to(person: Person, **headers: str) -> str:
    """Return where the provider's button leads."""
    answer = person.get("/oidc/corp", headers=headers)
    assert answer.status_code == 303
    return answer.headers["location"]


def user(name: str) -> User:
    with db.read():
        return User.get(User.username_key == name)


def change(name: str, **values: Any) -> None:
    with db.write():
        User.update(**values).where(User.username_key == name).execute()
