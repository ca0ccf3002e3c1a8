"""Signing out: what does it at once, what asks first, and what is refused."""

import re

import pytest
from starlette.testclient import TestClient

from service.access import ended
from service.base import clock
from service.data import db
from service.data.tables import Session
from tests.access.rows import ROWS
from tests.people import (
    HTMX,
    ONE_DATABASE,
    PAGE,
    PROBLEM,
    PROGRAM,
    Person,
    SignIn,
    cookie_name,
    token,
)

HERE = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}


def session_count() -> int:
    with db.read():
        return Session.select().where(Session.ended_at.is_null()).count()


@ONE_DATABASE
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (PAGE | HERE, 303),
        (PAGE | {"referer": "http://board.test/msgs"}, 303),  # over HTTP browsers send no more
        (HTMX | HERE, 200),
        (PROGRAM, 200),
        (PROGRAM | HERE, 303),
    ],
)
def test_this_sites_pages_and_programs_sign_out(
    alice: Person, headers: dict[str, str], status: int
) -> None:
    name, copied = cookie_name(alice), token(alice)
    answer = alice.get("/api/logout", headers=headers)
    assert answer.status_code == status
    assert answer.headers.get("location", "/") == "/"
    assert answer.headers.get("hx-redirect", "/") == "/"
    assert f'{name}=""; HttpOnly; Max-Age=0' in answer.headers["set-cookie"]
    assert session_count() == 0
    # A copy of the token is refused at once, fresh as it is.
    alice.cookies.set(name, copied, domain="board.test")
    assert alice.get("/msgs", headers=PROGRAM).status_code == 401


@ONE_DATABASE
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"},  # typed, or a bookmark
        {"referer": "http://evil.test/"},
        {"referer": "http://board.test:8080/"},
        {"referer": "https://board.test/"},
        {},
    ],
)
def test_a_plain_visit_from_elsewhere_gets_a_button(alice: Person, headers: dict[str, str]) -> None:
    answer = alice.get("/api/logout", headers=PAGE | headers)
    assert answer.status_code == 200
    assert 'action="/api/logout"' in answer.text
    assert "set-cookie" not in answer.headers
    assert session_count() == 1


@ONE_DATABASE
@pytest.mark.parametrize("mode", ["no-cors", "cors"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_picture_or_script_is_refused(alice: Person, site: str, mode: str) -> None:
    headers = PROGRAM | {"sec-fetch-site": site, "sec-fetch-mode": mode}
    answer = alice.get("/api/logout", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, PROBLEM)
    assert session_count() == 1


@ONE_DATABASE
@pytest.mark.parametrize(
    "bare",
    [
        {},  # over plain HTTP, from a browser that tells nothing
        HERE | {"sec-fetch-dest": "document"},  # one that tells no Referer
        {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"},
    ],
)
def test_the_button_signs_out_whatever_the_browser_keeps_to_itself(
    alice: Person, bare: dict[str, str]
) -> None:
    page = alice.get("/api/logout", headers=PAGE | bare).text
    forms = re.findall("<form[^>]*/api/logout[^>]*>", page)  # the menu's and the page's own
    assert [form.count('method="post"') for form in forms] == [1, 1]
    answer = alice.post("/api/logout", headers=PAGE | bare)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert session_count() == 0


@ONE_DATABASE
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"referer": "https://board.test/"},
    ],
)
def test_another_sites_form_signs_nobody_out(alice: Person, headers: dict[str, str]) -> None:
    assert alice.post("/api/logout", headers=PAGE | headers).status_code == 403
    assert session_count() == 1


@ONE_DATABASE
@pytest.mark.parametrize(("caller", "status"), [(HTMX, 200), (PAGE, 303), (PROGRAM, 200)])
def test_each_kind_of_caller_may_post(alice: Person, caller: dict[str, str], status: int) -> None:
    answer = alice.post("/api/logout", headers=caller)
    assert answer.status_code == status
    assert answer.headers.get("hx-redirect", "/") == "/"
    if caller is PROGRAM:
        assert answer.json() == {"signed_out": True}
    assert session_count() == 0


def test_signing_out_ends_nobody_elses_session(alice: Person, bob: Person) -> None:
    alice.get("/api/logout", headers=PAGE | HERE)
    assert bob.get("/msgs", headers=PROGRAM).status_code == 200


@ONE_DATABASE
def test_a_visitor_who_signs_out_is_sent_to_the_first_page(visitor: Person) -> None:
    answer = visitor.get("/api/logout", headers=PAGE | HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_session_that_was_ended_elsewhere_signs_out_all_the_same(alice: Person) -> None:
    ended.sessions.refresh()
    with db.write():
        Session.update(ended_at=clock.now()).execute()
    answer = alice.get("/api/logout", headers=PAGE | HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["set-cookie"]


@ONE_DATABASE
def test_over_https_signing_out_deletes_the_hosts_cookie(
    app_client: TestClient, sign_in: SignIn
) -> None:
    alice = sign_in("alice", scheme="https")
    name = cookie_name(alice)
    cookie = alice.get("/api/logout", headers=PAGE | HERE).headers["set-cookie"]
    assert cookie.startswith(f'{name}=""; HttpOnly; Max-Age=0; Path=/')
    assert cookie.endswith("Secure")


@ONE_DATABASE
def test_a_link_in_a_message_asks_first(alice: Person) -> None:
    clicked = PAGE | HERE | {"sec-fetch-dest": "document"}  # such links send no Referer
    answer = alice.get("/api/logout", headers=clicked)
    assert answer.status_code == 200
    assert 'action="/api/logout"' in answer.text
    assert session_count() == 1
    menu = clicked | {"referer": "http://board.test/msgs"}
    assert alice.get("/api/logout", headers=menu).status_code == 303
    assert session_count() == 0


@ONE_DATABASE
def test_every_page_of_who_is_signed_in_has_the_way_out(admin: Person) -> None:
    pages = {
        path: admin.get(path, headers=PAGE).text
        for route, row in ROWS.items()
        for method, path in [route.split()]
        if method == "GET" and row.action and "{" not in path
    }
    whole = {path: text for path, text in pages.items() if "<html" in text}
    assert {"/msgs", "/account", "/admin/people"} < whole.keys()
    assert [path for path, text in whole.items() if 'action="/api/logout"' not in text] == []
