"""What every answer carries: headers, and the request's id."""

import pytest
from starlette.testclient import TestClient

from service.messages import messages
from tests.people import (
    HTMX,
    ONE_DATABASE,
    PAGE,
    PROBLEM,
    PROGRAM,
    Person,
    SignIn,
    new_client,
)

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}
FILE_HEADERS = {"x-content-type-options": "nosniff"}  # a file runs nothing by itself
EVERY_KIND = [
    ("GET", "/", 200),
    ("GET", "/docs", 200),
    ("GET", "/healthz", 200),
    ("GET", "/static/css/style.css", 200),
    ("GET", "/static/nothing.css", 404),
    ("POST", "/static/css/style.css", 405),
    ("GET", "/nothing", 404),
    ("PUT", "/msgs", 405),
    ("GET", "/msgs", 303),
    ("GET", "/api/events", 401),
    ("POST", "/api/message", 401),
    ("POST", "/api/login", 422),
    ("GET", "/api/logout", 200),
]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the board's list fail in a way nobody foresaw."""

    def fail(*_: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(messages, "newest", fail)


@ONE_DATABASE
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_kind_of_answer_carries_the_headers(app_client: TestClient, scheme: str) -> None:
    visitor = new_client(app_client, scheme)
    for method, path, status in EVERY_KIND:
        answer = visitor.request(method, path, headers=PAGE)
        assert answer.status_code == status, path
        kept = path.endswith("style.css") and status == 200
        expected = FILE_HEADERS if kept else HEADERS
        found = [pair for pair in answer.headers.multi_items() if pair[0] in HEADERS]
        assert sorted(found) == sorted(expected.items()), path
        assert answer.headers.get_list("strict-transport-security") == (
            ["max-age=31536000"] if scheme == "https" else []
        )
        assert len(answer.headers["x-request-id"]) == 16
        assert answer.headers["cache-control"] == ("no-cache" if kept else "no-store"), path
        assert "server" not in answer.headers


@ONE_DATABASE
def test_an_unforeseen_failure_carries_the_headers_and_tells_nothing(
    broken: None, alice: Person
) -> None:
    for caller in (PAGE, HTMX, PROGRAM):
        path = "/api/messages" if caller is PROGRAM else "/msgs"
        answer = alice.get(path, headers=caller)
        assert answer.status_code == 500
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "Something went wrong" in answer.text
        assert answer.headers["x-request-id"] in answer.text
        for trace in ("secret", "Traceback", "RuntimeError", "File "):
            assert trace not in answer.text


@ONE_DATABASE
def test_every_error_carries_the_requests_id(sign_in: SignIn, visitor: Person) -> None:
    ids = set()
    for person, method, path, status in (
        (visitor, "GET", "/nothing", 404),
        (visitor, "GET", "/static/nothing.css", 404),
        (visitor, "DELETE", "/msgs", 405),
        (visitor, "GET", "/api/events", 401),
        (visitor, "POST", "/api/message", 401),
        (sign_in("alice"), "POST", "/api/message", 422),
        (sign_in("alice"), "GET", "/api/messages?before=x", 422),
        (sign_in("alice"), "GET", "/msgs/1/edit", 404),
    ):
        answer = person.request(method, path, headers=PROGRAM)
        problem = answer.json()
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), path
        assert (problem["status"], problem["type"]) == (status, "about:blank")
        assert problem["request_id"] == answer.headers["x-request-id"]
        ids.add(problem["request_id"])
        page = person.request(method, path, headers=PAGE)
        if status != 401 and method != "POST":
            assert page.headers["x-request-id"] in page.text, path
    assert len(ids) == 8
