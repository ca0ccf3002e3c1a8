"""The provider as the only way: nothing asks for a password, or gives somebody one."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from service.base.config import Settings
from service.data import db
from service.data.tables import ProvidedIdentity
from service.links import links
from tests.inside import run
from tests.oidc.fake import CLIENT, ISSUER, Fake
from tests.people import ONE_DATABASE, PAGE, PROGRAM, Person, give_role

Go = Callable[..., httpx2.Response]
pytestmark = ONE_DATABASE
REFUSED = "Nobody signs in with a password here. Choose one of the other ways."
SETTINGS = {
    "SECRET_KEY": "k" * 48,
    "PASSWORD_SIGN_IN": "no",
    "PUBLIC_URL": "https://board.test",
    "OIDC_CORP_ISSUER": ISSUER,
    "OIDC_CORP_CLIENT_ID": CLIENT,
}


@pytest.fixture
def provider() -> dict[str, Any]:
    return {"password_sign_in": False}


@pytest.fixture
def ada(visitor: Person, go: Go) -> Person:
    """Ada, who has come from the provider and is an admin."""
    assert go(visitor).status_code == 303
    give_role("ada", "admin")
    return visitor


def with_passwords(openapi: dict[str, Any]) -> Iterator[str]:
    """Yield where a form is sent to that has a password in it."""
    for path, methods in openapi["paths"].items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {})
        for form in content.values():
            if any("password" in name for name in form["schema"]["properties"]):
                yield path
                break


def test_no_address_takes_a_password(ada: Person) -> None:
    paths = set(with_passwords(ada.get("/openapi.json").json()))
    assert {"/api/login", "/api/setup", "/api/join", "/api/account/password"} <= paths
    paths -= {"/api/email"}  # which proves the addresses of those who have an account, too
    for path in [*paths, "/api/forgotten"]:
        answer = ada.post(path, json={}, headers=PROGRAM)
        assert (answer.status_code, answer.json()["detail"]) == (403, REFUSED), path


def test_no_page_asks_for_one(ada: Person, app_client: TestClient, go: Go) -> None:
    person = ada.get("/admin/people").text.split('href="/admin/people/')[1].split('"')[0]
    for path in ("/account", "/confirm", f"/admin/people/{person}"):
        page = ada.get(path, headers=PAGE)
        assert page.status_code in {200, 303}
        assert "password" not in page.text.lower().replace('href="/forgotten"', ""), path
    for path in ("/register", "/forgotten", "/reset?code=x"):
        answer = ada.get(path, headers=PAGE)
        assert answer.status_code == 403
        assert REFUSED.split(".", maxsplit=1)[0] in answer.text


def test_a_stranger_is_shown_the_provider_alone(visitor: Person, ada: Person) -> None:
    visitor.cookies.clear()
    page = visitor.get("/").text
    assert 'id="login"' not in page
    assert "Sign in with Corp" in page


def test_a_mailed_link_makes_no_account_with_a_password(visitor: Person, ada: Person) -> None:
    with db.write():
        _, code = links.make("email", None, dt.timedelta(hours=1), email="bob@example.org")
    assert visitor.get(f"/email?code={code}", headers=PAGE).status_code == 403
    sent = {"code": code, "username": "bob", "password": "a-long-way-to-nowhere"}
    assert visitor.post("/api/email", json=sent).status_code == 403


def test_the_provider_confirms_who_one_is(ada: Person, later: Callable[..., None]) -> None:
    later(minutes=11)
    page = ada.get("/confirm").text
    assert 'href="/oidc/corp/confirm' in page
    assert 'type="password"' not in page


def test_the_last_way_in_stays(ada: Person, app_client: TestClient) -> None:
    with db.read():
        tied = ProvidedIdentity.get().id
    answer = ada.post(f"/api/account/providers/{tied}/unlink", json={}, headers=PROGRAM)
    assert (answer.status_code, answer.json()["detail"]) == (409, "It is your only way in.")


def test_an_empty_board_says_how_its_first_admin_comes(
    visitor: Person, fake: Fake, go: Go, settings: Settings
) -> None:
    page = visitor.get("/setup").text
    assert "board user identity NAME" in page
    assert "Sign in with Corp" in page
    assert 'type="password"' not in page
    refused = go(visitor, empty=True)
    assert "as /setup says" in refused.text


def test_commands_say_the_same(database_url: str) -> None:
    code = run(database_url, "setup-code", **SETTINGS)
    assert code.returncode == 1
    assert "`board user add NAME` and then `board user identity NAME` let in" in code.stderr
    link = run(database_url, "user", "link", "ada", **SETTINGS)
    assert link.returncode == 1
    assert "PASSWORD_SIGN_IN is no" in link.stderr


def test_whom_a_command_added_comes_by_the_link_that_another_printed(
    database_url: str, visitor: Person, fake: Fake, go: Go
) -> None:
    added = run(database_url, "user", "add", "lovelace", stdin="a-long-way\n", **SETTINGS)
    assert added.returncode == 0, added.stderr
    link = run(database_url, "user", "identity", "lovelace", **SETTINGS).stdout
    code = link.strip().rpartition("code=")[2]
    go(visitor, f"/oidc/corp?code={code}")
    assert visitor.get("/admin/options", headers=PAGE).status_code == 200
