"""Which page a change may come from: this board's, and none of another origin."""

import pytest

from tests.people import (
    ONE_DATABASE,
    PAGE,
    Person,
    texts,
)


def tries_to_post(person: Person, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return person.post("/api/message", json={"message": "Hi"}, headers=named).status_code


@ONE_DATABASE
def test_another_origins_page_is_refused(alice: Person) -> None:
    for headers in (
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "origin": "http://board.test"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": "https://board.test"},
        {"origin": "http://board.test:8080"},
        {"origin": "http://board.test.evil.test"},
        {"origin": "http://www.board.test"},
        {"referer": "http://evil.test/http://board.test/"},
    ):
        assert tries_to_post(alice, **headers) == 403, headers
    assert texts(alice) == []


@ONE_DATABASE
def test_this_origins_page_and_a_program_are_allowed(alice: Person) -> None:
    for headers in (
        {},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": "http://board.test"},
        {"sec_fetch_site": "same-origin", "origin": "null"},
        {"referer": "http://board.test/msgs"},
    ):
        assert tries_to_post(alice, **headers) == 201, headers


@ONE_DATABASE
@pytest.mark.usefixtures("account")
def test_another_origins_page_can_post_to_no_address(visitor: Person) -> None:
    for path in ("/api/login", "/api/account/sessions/end", "/nothing"):
        answer = visitor.post(path, headers=PAGE | {"origin": "http://evil.test"})
        assert answer.status_code == 403
    assert visitor.get("/", headers={"origin": "http://evil.test"}).status_code == 200


@ONE_DATABASE
@pytest.mark.parametrize("header", ["origin", "referer"])
def test_an_origin_that_is_no_address_is_refused(alice: Person, header: str) -> None:
    answer = alice.post("/api/message", json={"message": "x"}, headers={header: "http://["})
    assert answer.status_code == 403
