"""What nginx answers itself: the same words and headers as the board's, for the same callers."""

import html
import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from starlette.requests import Request

from service.base import errors, parts, records
from service.base.assets import Assets, folder
from service.base.config import Settings
from service.base.errors import MAX_BODY
from service.web import failures
from service.web.envelope import FILE_HEADERS, HSTS, SECURITY_HEADERS
from service.web.render import Renderer
from tests.nginx.proxy import FOLDER, PROJECT, Nginx, running, style_url
from tests.people import HTMX, PAGE, PROBLEM, PROGRAM, Person
from tests.servers import Server, free_port

CALLERS = pytest.mark.parametrize(
    "caller",
    [
        PAGE,
        HTMX,
        PROGRAM,
        {"accept": "*/*"},
        HTMX | PAGE,
        {"accept": "text/html, application/json"},
    ],
    ids=["page", "htmx", "program", "anything", "htmx-page", "page-program"],
)
SHARED = {name.lower(): value for name, value in SECURITY_HEADERS.items()}
FILE = {name.lower(): value for name, value in FILE_HEADERS.items()}
ONCE = {*SHARED, "x-request-id", "cache-control", "content-type", "vary", "server", "date"}


def refused(person: Person, **headers: str) -> httpx2.Response:
    """Return the answer to one sign-in too many."""
    for _ in range(30):
        assert person.post("/api/login", headers=PROGRAM).status_code != 429
    answer = person.post("/api/login", headers=headers)
    while answer.status_code != 429:  # they took more than a second
        answer = person.post("/api/login", headers=headers)
    return answer


def boards_own(failure: errors.BoardError, caller: dict[str, str], request_id: str) -> Any:
    """Return what the board's own answer of such a failure holds."""
    renderer = Renderer(Settings(secret_keys=("k" * 32,)), Assets(folder("static")))
    headers = [(name.encode(), value.encode()) for name, value in caller.items()]
    scope = {"type": "http", "query_string": b"", "headers": headers}
    request = Request(scope | {"state": parts.collect(renderer)})
    set_here = records.request_id.set(request_id)
    try:
        return failures.show(request, failure)
    finally:
        records.request_id.reset(set_here)


def words(page: str) -> str:
    """Return what a reader sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def check(answer: httpx2.Response, failure: errors.BoardError, caller: dict[str, str]) -> None:
    """Compare an answer of nginx with the board's own of the same failure."""
    expected = boards_own(failure, caller, answer.headers["x-request-id"])
    body = expected.body.decode()
    assert answer.status_code == expected.status_code
    assert answer.headers["content-type"] == expected.headers["content-type"]
    assert answer.headers.get("retry-after") == expected.headers.get("retry-after")
    if answer.headers["content-type"] == PROBLEM:
        assert answer.text == body
    elif caller.get("hx-request"):
        assert words(answer.text) == words(body)
        for part in ('<div class="notice" role="alert"', "<p data-words>", 'data-status="'):
            assert part in body
            assert part in answer.text
    else:
        request_id = answer.headers["x-request-id"]
        for text in (str(failure.status), failure.title, failure.message, request_id):
            assert text in words(body)
            assert text in words(answer.text)


# Words.


@CALLERS
def test_too_many_requests_are_refused_in_the_boards_words(
    visitor: Person, caller: dict[str, str]
) -> None:
    check(
        refused(visitor, **caller), errors.TooManyRequests(limit="changes", retry_after=1), caller
    )


@CALLERS
def test_a_body_too_large_is_refused_in_the_boards_words(
    visitor: Person, caller: dict[str, str]
) -> None:
    answer = visitor.post("/api/message", content=b"x" * (MAX_BODY + 1), headers=caller)
    check(answer, errors.TooLarge(), caller)


class Away(errors.Unavailable):
    status = 502
    message = "It can't be reached right now. Nothing is lost; try again in a few seconds."


@CALLERS
def test_without_the_board_nginx_answers_in_its_words(caller: dict[str, str]) -> None:
    with running(free_port()) as nginx:
        answer = nginx.client().get("/msgs", headers=caller)
        check(answer, Away(), caller)


def test_what_was_refused_may_be_sent_again(visitor: Person) -> None:
    page = refused(visitor, **PAGE).text
    assert "Try again in 1 second. Then reload this page, and let the browser send again" in page


def test_other_failures_have_the_boards_words_too() -> None:
    problems = (FOLDER / "problems.conf").read_text()
    for failure in (errors.BoardError, errors.Malformed, errors.NotFound, errors.NotAllowed):
        assert f'"{failure.title}"' in problems
        assert f'"{failure.message}"' in problems


def test_what_nginx_refuses_by_itself_has_its_status_and_names_no_version(visitor: Person) -> None:
    for answer, status in (
        (visitor.get("/", headers={"cookie": "c" * 20_000, **PROGRAM}), 431),
        (visitor.get("/" + "x" * 20_000, headers=PROGRAM), 414),
        (visitor.request("TRACE", "/", headers=PROGRAM), 405),
        (visitor.get("/nginx-problem/page", headers=PROGRAM), 404),
        (visitor.get("/nginx-problem/program", headers=PROGRAM), 404),
    ):
        assert answer.status_code == status
        assert answer.headers["server"] == "nginx"  # and not which one


def test_the_page_has_the_boards_colours(visitor: Person) -> None:
    page = refused(visitor, **PAGE).text
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    answer = visitor.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css")
    colours = re.findall(r"--[\w-]+: light-dark[^;]+;", answer.text)
    board = (PROJECT / "static" / "src" / "style.css").read_text()
    assert len(colours) == 7
    assert [colour for colour in colours if colour not in board] == []
    assert not re.search(r"<style|style=|<script|\son\w+=", page)  # the policy would refuse them


# Headers.


Ask = Callable[[Person], httpx2.Response]
BY_THE_BOARD: dict[str, Ask] = {
    "page": lambda person: person.get("/msgs", headers=PAGE),
    "list": lambda person: person.get("/api/messages", headers=PROGRAM),
    "redirect": lambda person: person.get("/"),
    "nothing": lambda person: person.get("/nowhere"),
    "refusal": lambda person: person.post("/api/message", headers={"origin": "http://evil.test"}),
    "static": lambda person: person.get("/static/css/style.css"),
    "cached": lambda person: [person.get(style_url()) for _ in range(2)][-1],
    "unchanged": lambda person: person.get(
        style_url(), headers={"If-None-Match": person.get(style_url()).headers["etag"]}
    ),
    "healthz": lambda person: person.get("/healthz"),
}
BY_NGINX: dict[str, Ask] = {
    "limit": lambda person: refused(person, **PAGE),
    "size": lambda person: person.post("/api/message", content=b"x" * (MAX_BODY + 1)),
    "method": lambda person: person.request("TRACE", "/"),
    "health": lambda person: person.get("/nginx-healthz"),
    "style": lambda person: person.get("/nginx-problem.css"),
}


def headers_once(answer: httpx2.Response) -> dict[str, str]:
    """Return the headers of an answer in which each is there once."""
    found = [(name.lower(), value) for name, value in answer.headers.multi_items()]
    assert len(found) == len(dict(found)), found
    return dict(found)


def expected(kind: str) -> dict[str, str]:
    """Return the security headers of an answer: files have fewer."""
    return FILE if kind in {"static", "cached", "unchanged"} else SHARED


@pytest.mark.parametrize("kind", [*BY_THE_BOARD, *BY_NGINX])
def test_every_answer_has_one_set_of_headers(alice: Person, kind: str) -> None:
    found = headers_once((BY_THE_BOARD | BY_NGINX)[kind](alice))
    assert {name: found[name] for name in SHARED if name in found} == expected(kind)
    assert {"x-request-id", "cache-control", "server"} <= found.keys()
    assert "strict-transport-security" not in found
    if kind in BY_NGINX:
        assert found["cache-control"] == "no-store"


def test_a_stream_has_one_set_of_headers(alice: Person) -> None:
    with alice.stream("GET", "/api/events") as answer:
        assert headers_once(answer).items() >= SHARED.items()
        assert answer.headers["cache-control"] == "no-store"


# TRACE is refused before nginx looks at who passes it on.
@pytest.mark.parametrize("kind", [*BY_THE_BOARD, *(kind for kind in BY_NGINX if kind != "method")])
def test_over_https_the_header_of_strict_transport_is_added(
    server: Server, cookies: dict[str, httpx2.Cookies], kind: str
) -> None:
    with running(server.port, trusted="127.0.0.9") as nginx:
        person = nginx.client("127.0.0.9", cookies["alice"])
        person.get(style_url(), headers={"X-Forwarded-For": "192.0.2.1"})  # cached without HTTPS
        person.headers |= {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
        found = headers_once((BY_THE_BOARD | BY_NGINX)[kind](person))
        assert found.items() >= expected(kind).items() | {("strict-transport-security", HSTS)}


def test_each_answer_has_its_own_id(nginx: Nginx, visitor: Person) -> None:
    answers = [visitor.get(style_url()) for _ in range(3)]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == 3
    assert [nginx.logged(each)["nginx.cache"] for each in ids] == ["MISS", "HIT", "HIT"]


def test_no_address_is_made_of_the_host_that_a_client_names(visitor: Person) -> None:
    for path in ("/static", "/api"):
        answer = visitor.get(path, headers={"Host": "evil.test"})
        assert (answer.status_code, answer.headers["location"]) == (301, f"{path}/")
    answer = visitor.get("/msgs/", headers={"Host": "evil.test"})
    assert (answer.status_code, answer.headers["location"]) == (308, "/msgs")
