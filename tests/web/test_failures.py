"""What becomes of a failure, for each kind of caller."""

from collections.abc import Generator

import pytest

from service.base.errors import MAX_BODY
from tests.people import (
    HTMX,
    ONE_DATABASE,
    PAGE,
    PROBLEM,
    PROGRAM,
    Person,
    no_database,
    texts,
)


@ONE_DATABASE
def test_a_body_over_64_kib_is_refused(alice: Person) -> None:
    form = PROGRAM | {"content-type": "application/x-www-form-urlencoded"}

    def body(size: int) -> bytes:
        return b"message=Hi&rest=".ljust(size, b"x")

    def chunks(size: int) -> Generator[bytes]:  # without a content-length
        for start in range(0, size, 5000):
            yield body(size)[start : start + 5000]

    for content in (body(MAX_BODY + 1), chunks(MAX_BODY + 1), body(2_000_000)):
        answer = alice.post("/api/message", content=content, headers=form)
        assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
    for path in ("/api/login", "/api/account/sessions/end", "/api/message/1/deletion"):
        answer = alice.post(path, content=body(MAX_BODY + 1), headers=PAGE)
        assert answer.status_code == 413, path
    assert texts(alice) == []
    for content in (body(MAX_BODY), chunks(MAX_BODY)):
        assert alice.post("/api/message", content=content, headers=form).status_code == 201


@ONE_DATABASE
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/msgs/", "/msgs"),
        ("/msgs/?q=a%26b", "/msgs?q=a%26b"),
        ("//msgs//", "/msgs"),
        ("/msgs/7/edit/", "/msgs/7/edit"),
        ("/docs/", "/docs"),
    ],
)
def test_a_slash_too_many_is_taken_away_on_whatever_host(
    visitor: Person, path: str, location: str
) -> None:
    headers = PAGE | {"host": "evil.test"}
    answer = visitor.get(f"http://board.test{path}", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (308, location)


@ONE_DATABASE
@pytest.mark.parametrize("path", ["//evil.test/", "/nothing/", "/msgs/x/y/", "/static/", "/api/"])
def test_a_slash_too_many_on_an_unknown_page_leads_nowhere(visitor: Person, path: str) -> None:
    answer = visitor.get(f"http://board.test{path}", headers=PAGE)
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


@pytest.mark.parametrize("caller", [PAGE, HTMX, PROGRAM], ids=["page", "htmx", "program"])
def test_without_its_database_the_board_says_so_until_it_is_back(
    alice: Person, caller: dict[str, str]
) -> None:
    list_path = "/api/messages" if caller is PROGRAM else "/msgs"
    login = {"username": "alice", "password": "x"}
    with no_database():
        for method, path, data in (
            ("GET", list_path, None),
            ("POST", "/api/message", {"message": "Hi"}),
            ("POST", "/api/login", login),
        ):
            answer = alice.request(method, path, headers=caller, data=data)
            assert answer.status_code == 503, path
            assert answer.headers["retry-after"] == "5"
            assert "The board is away for a moment" in answer.text
            assert "127.0.0.1" not in answer.text
        assert alice.get("/healthz").status_code == 200
    assert alice.get(list_path, headers=caller).status_code == 200


@ONE_DATABASE
@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_a_program_that_is_signed_out_gets_401(visitor: Person, accept: str) -> None:
    answer = visitor.get("/api/messages", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
