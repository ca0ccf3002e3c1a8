"""The session's cookie: who can set it, who can read it, and what it is called."""

import secrets
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.testclient import TestClient

from service.accounts import accounts
from service.app import create_app
from service.base.config import Settings
from service.data import db
from tests.access.keys import KEY, NAME
from tests.people import (
    PROGRAM,
    Person,
    SignIn,
    is_signed_in,
    log_in,
    new_client,
    token,
)


def test_over_http_the_cookie_is_lax_and_closed_to_scripts(
    account: accounts.Account, visitor: Person
) -> None:
    name, _, rest = log_in(visitor, "alice").headers.get_list("set-cookie")[0].partition("=")
    token, *flags = rest.split("; ")
    assert name == NAME
    assert sorted(flags) == ["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=lax"]
    header = jwt.decode(token, OctKey.import_key(KEY)).header
    claims = jwt.decode(token, OctKey.import_key(KEY)).claims
    assert header["alg"] == "HS256"
    assert claims["exp"] - claims["iat"] == 30 * 60
    assert (claims["sub"], claims["aud"], claims["zoneinfo"]) == (str(account.id), "board", "UTC")


def test_over_https_only_this_host_can_have_set_it(
    account: accounts.Account, app_client: TestClient
) -> None:
    person = new_client(app_client, "https")
    answer = log_in(person, "alice")
    name, _, rest = answer.headers.get_list("set-cookie")[0].partition("=")
    assert name == f"__Host-{NAME}"
    assert sorted(rest.split("; ")[1:]) == [
        "HttpOnly",
        "Max-Age=604800",
        "Path=/",
        "SameSite=lax",
        "Secure",
    ]
    assert is_signed_in(person)
    # One that some other page of the domain set under the plain name counts for nothing.
    other = new_client(app_client, "https")
    other.cookies.set(NAME, rest.split(";")[0])
    assert not is_signed_in(other)


def test_two_boards_on_one_host_leave_each_other_alone(
    account: accounts.Account, visitor: Person, settings: Settings
) -> None:
    log_in(visitor, "alice")
    other = replace(settings, secret_keys=(secrets.token_urlsafe(48),))
    with TestClient(create_app(other), base_url="http://board.test") as client:
        there = new_client(client)
        there.cookies = visitor.cookies  # one browser; cookies know no ports
        assert log_in(there, "alice").status_code == 200
        visitor.cookies = there.cookies
        visitor.cookies.set("session", "another application's", domain="board.test")
        assert is_signed_in(visitor)
        there.get("/api/logout", headers=PROGRAM)
        assert not is_signed_in(there)
    db.open_database(settings.database_url)
    visitor.cookies = there.cookies
    assert is_signed_in(visitor)


@pytest.mark.parametrize(("scheme", "name"), [("http", "session"), ("https", "__Host-session")])
def test_who_signed_in_with_release_0_3_0_stays_signed_in(
    sign_in: SignIn, app_client: TestClient, later: Any, scheme: str, name: str
) -> None:
    before = token(sign_in("alice"))
    alice = new_client(app_client, scheme)
    alice.cookies.set(name, before, domain="board.test")
    assert is_signed_in(alice)
    later(minutes=31)
    assert is_signed_in(alice)  # and has a cookie of the new name
    alice.cookies.set(name, "another application's", domain="board.test")
    assert is_signed_in(alice)


def test_a_cookie_that_came_twice_is_not_replaced_by_an_older_name(
    sign_in: SignIn, visitor: Person
) -> None:
    alice, bob = (token(sign_in(name)) for name in ("alice", "bob"))
    cookie = f"{NAME}={alice}; {NAME}={bob}; session={bob}"
    assert visitor.get("/msgs", headers=PROGRAM | {"cookie": cookie}).status_code == 401
