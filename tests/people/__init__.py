"""The people of the tests: Alice owns, Bob is a member, Charlie is outside, a visitor unknown."""

import copy
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx2
import peewee
import pytest
from starlette.testclient import TestClient

from service.access import tokens
from service.access.audit import OPERATOR
from service.access.roles import SCOPES, Action
from service.accounts import accounts
from service.base import clock
from service.data import db, first_room
from service.data.tables import Bot, User
from service.tokens import tokens as api
from service.tokens.terms import Terms

PASSWORD = "correct horse battery"
# The three kinds of caller.
HTMX = {"hx-request": "true"}
PAGE = {"accept": "text/html"}
PROGRAM = {"accept": "application/json"}
PROBLEM = "application/problem+json"

# For tests of what no database has a part in.
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# For tests of what only one of them does.
ON_SQLITE = ONE_DATABASE
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
# For tests in which Alice and Bob sign in by themselves.
MEMBERS = pytest.mark.usefixtures("account", "other_account")

Person = httpx2.Client
SignIn = Callable[..., Person]


@cache
def password_hash() -> str:
    """Return PASSWORD's hash, made once: it takes 28 ms."""
    return tokens.hash_password(PASSWORD)


def add_person(name: str, role: str = "member") -> accounts.Account:
    """Add a user who has PASSWORD."""
    with db.write():
        User.insert(
            username=name,
            username_key=accounts.name_key(name),
            password_hash=password_hash(),
            zone="UTC",
            created_at=clock.now(),
            role=role,
        ).execute()
        first_room.catch_up()
    account = accounts.find(name)
    assert account
    return account


def add_bot(name: str, owner: accounts.Account) -> accounts.Account:
    """Add a bot of somebody's."""
    bot = add_person(name, "bot")
    with db.write():
        Bot.insert(user=bot.id, owner=owner.id, created_at=clock.now()).execute()
        User.update(password_hash=tokens.NO_PASSWORD).where(User.id == bot.id).execute()
    return accounts.get(bot.id)


def bearer(account: accounts.Account, *scopes: Action, days: int = 90) -> dict[str, str]:
    """Return the header by which a program of somebody's proves whose it is."""
    _, text = api.make(OPERATOR, account.id, Terms("A test", scopes or SCOPES[:2], days))
    return {"authorization": f"Bearer {text}"}


def give_role(name: str, role: str) -> None:
    """Give somebody a role where no process sees it: each has read another a moment ago."""
    with db.write():
        User.update(role=role).where(User.username == name).execute()


@contextmanager
def no_database() -> Generator[None]:
    """Let no connection be had until the block ends."""

    def refuse() -> None:
        raise peewee.OperationalError("connection to 127.0.0.1 refused")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.database.obj, "_connect", refuse)
        db.close_database()
        yield


@contextmanager
def full_disk() -> Generator[None]:
    """Let the database find no room for anything until the block ends, as it says so itself."""
    execute_sql = db.database.obj.execute_sql

    def run(sql: str, *args: Any) -> Any:
        if not re.search("INSERT INTO|UPDATE ", sql):
            return execute_sql(sql, *args)
        if db.on_sqlite():
            raise peewee.OperationalError("database or disk is full")
        return execute_sql("DO $$ BEGIN RAISE disk_full; END $$")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.database.obj, "execute_sql", run)
        yield


def new_client(client: TestClient, scheme: str = "http", address: str = "192.0.2.1") -> Person:
    """Return somebody who is not signed in, with a cookie jar of their own."""
    transport: Any = copy.copy(client._transport)
    transport.client = (address, 50000)
    return httpx2.Client(transport=transport, base_url=f"{scheme}://board.test")


def cookie_name(person: Person | httpx2.AsyncClient) -> str:
    """Return the name of the cookie that keeps somebody signed in."""
    (name,) = [name for name in person.cookies if "board-session-" in name]
    return name


def token(person: Person | httpx2.AsyncClient) -> str:
    """Return what that cookie holds."""
    return person.cookies[cookie_name(person)]


def log_in(person: Person, username: str, password: str = PASSWORD, **more: str) -> httpx2.Response:
    """Sign somebody in as a program does, with the password."""
    fields = {"username": username, "password": password, **more}
    return person.post("/api/login", json=fields)


def is_signed_in(person: Person) -> bool:
    status = person.get("/api/messages", headers=PROGRAM).status_code
    assert status in {200, 401}
    return status == 200


def post(person: Person, text: str, **fields: str) -> dict[str, Any]:
    """Post a message as a program does, and return it."""
    answer = person.post("/api/message", json={"message": text, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def listed(person: Person, **query: Any) -> dict[str, Any]:
    """Return the answer to GET /api/messages."""
    answer = person.get("/api/messages", params=query, headers=PROGRAM)
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(person: Person, **query: Any) -> list[str]:
    return [message["text"] for message in listed(person, **query)["messages"]]
