"""Sign-outs that a provider tells of: what ends, for whom, and what is refused."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from service.access import ended
from service.access.ended import EndedSessions
from service.data import db
from service.data.tables import Session, Spent
from tests.oidc.fake import LOGOUT, Fake
from tests.oidc.there import Go
from tests.people import ONE_DATABASE, Person, is_signed_in, new_client, token

FORM = {"content-type": "application/x-www-form-urlencoded"}


def tell(visitor: Person, logout_token: str) -> httpx2.Response:
    """Send a logout token as a provider does: a form, and nothing that says where from."""
    body = {"logout_token": logout_token}
    return visitor.post("/oidc/corp/logout", data=body, headers=FORM)


@pytest.fixture
def ada(app_client: Any, fake: Fake, go: Go) -> Callable[[str], Person]:
    """Return a function that signs Ada in, in a session that the provider calls so."""

    def ada(sid: str) -> Person:
        fake.claims["sid"] = sid
        person = new_client(app_client)
        assert go(person).status_code == 303
        return person

    return ada


def test_a_session_that_ends_there_ends_here(
    visitor: Person, alice: Person, ada: Callable[[str], Person], fake: Fake
) -> None:
    laptop, phone = ada("laptop"), ada("phone")
    answer = tell(visitor, fake.logout_token(sid="laptop"))
    assert (answer.status_code, answer.json()) == (200, {"ended": 1})
    assert answer.headers["cache-control"] == "no-store"
    assert [is_signed_in(each) for each in (laptop, phone, alice)] == [False, True, True]
    assert tell(visitor, fake.logout_token()).json() == {"ended": 1}
    assert not is_signed_in(phone)
    assert is_signed_in(alice)


@ONE_DATABASE
def test_other_processes_notice_within_five_seconds(
    visitor: Person, ada: Callable[[str], Person], fake: Fake
) -> None:
    laptop, elsewhere = ada("laptop"), EndedSessions()
    with db.read():
        session = Session.get()
    elsewhere.refresh()
    assert elsewhere.holds(session.id) is False
    tell(visitor, fake.logout_token(sub=None, sid="laptop"))
    assert not is_signed_in(laptop)
    elsewhere.refresh()  # as it does before what it knows is five seconds old
    assert elsewhere.holds(session.id)
    assert ended.TRUSTED_FOR < 5
    assert token(laptop)  # which is worth nothing


@ONE_DATABASE
@pytest.mark.parametrize("claims", [{"sid": "nobody's", "sub": None}, {"sub": "eve"}])
def test_a_session_that_is_not_here_is_no_failure(
    visitor: Person, ada: Callable[[str], Person], fake: Fake, claims: dict[str, Any]
) -> None:
    laptop = ada("laptop")
    answer = tell(visitor, fake.logout_token(**claims))
    assert (answer.status_code, answer.json()) == (200, {"ended": 0})
    assert is_signed_in(laptop)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": "at+jwt"}, {}),
        ({}, {"aud": "other"}),
        ({}, {"iss": "https://other.test"}),
        ({}, {"exp": 1}),
        ({}, {"exp": None}),
        ({}, {"exp": 2**53}),
        ({}, {"iat": 2**40, "exp": 2**40 + 60}),
        ({}, {"jti": None}),
        ({}, {"nonce": "x"}),
        ({}, {"events": None}),
        ({}, {"events": []}),
        ({}, {"events": {LOGOUT: "x"}}),
        ({}, {"sub": None}),
    ],
)
def test_a_token_that_is_none_is_refused(
    visitor: Person,
    ada: Callable[[str], Person],
    fake: Fake,
    header: dict[str, Any],
    claims: dict[str, Any],
) -> None:
    laptop = ada("laptop")
    answer = tell(visitor, fake.logout_token(header, **claims))
    assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
    assert is_signed_in(laptop)


@ONE_DATABASE
def test_rubbish_is_refused(visitor: Person, fake: Fake) -> None:
    for text in ("", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."):
        assert tell(visitor, text).status_code == 400
    assert fake.asked.count("/keys") <= 1


def test_a_token_is_taken_once(visitor: Person, ada: Callable[[str], Person], fake: Fake) -> None:
    ada("laptop")
    told = fake.logout_token()
    assert tell(visitor, told).status_code == 200
    again = ada("laptop")
    assert tell(visitor, told).status_code == 400
    assert is_signed_in(again)
    with db.read():
        assert Spent.select().count() == 1


@ONE_DATABASE
def test_an_older_keycloak_calls_it_jwt(
    visitor: Person, ada: Callable[[str], Person], fake: Fake
) -> None:
    laptop = ada("laptop")
    assert tell(visitor, fake.logout_token({"typ": "JWT"})).status_code == 200
    assert not is_signed_in(laptop)
