"""Requests as programs send them: HEAD, methods that are not allowed, addresses in raw UTF-8."""

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from service.web.wire import UNSTORED, AsMeant
from tests.people import HTMX, ONE_DATABASE, PAGE, PROBLEM, PROGRAM, Person, SignIn, post

STREAM = "/api/events"
PAGES = ("/", "/msgs", "/msgs/{id}/edit", "/msgs/9999/edit", "/account", "/docs", "/nowhere")
DATA = ("/api/messages", "/msgs/matches?q=Hi", "/healthz", "/readyz", "/openapi.json")


async def nothing() -> Message:
    return {"type": "http.request"}


async def ignore(_message: Message) -> None:
    pass


@ONE_DATABASE
def test_head_answers_as_get_does(alice: Person, visitor: Person) -> None:
    id = post(alice, "Hi")["id"]
    for paths, headers in ((PAGES, PAGE), (DATA, PROGRAM)):
        for path in (path.format(id=id) for path in paths):
            for person in (alice, visitor):
                asked, got = (person.request(m, path, headers=headers) for m in ("HEAD", "GET"))
                assert asked.status_code == got.status_code, path
                for name in ("content-type", "location", "cache-control"):
                    assert asked.headers.get(name) == got.headers.get(name), path


@pytest.mark.anyio
async def test_what_answers_head_sends_no_body() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "HEAD", "query_string": b"", "headers": []}
    await AsMeant(PlainTextResponse("Hello"))(scope, nothing, send)
    assert (b"content-length", b"5") in sent[0]["headers"]
    assert [message["body"] for message in sent[1:]] == [b""]


@ONE_DATABASE
def test_head_of_the_stream_does_not_wait_for_what_comes(sign_in: SignIn, visitor: Person) -> None:
    stream = sign_in("alice").head("/api/events")
    assert (stream.status_code, stream.text) == (200, "")
    assert stream.headers["content-type"].startswith("text/event-stream")
    refused = visitor.head("/api/events", headers=PROGRAM)
    assert (refused.status_code, refused.headers["content-type"]) == (401, PROBLEM)


@ONE_DATABASE
def test_a_method_that_is_not_allowed_is_told_which_are(alice: Person) -> None:
    for request, allow in (
        ("PUT /msgs", "GET, HEAD"),
        ("POST /healthz", "GET, HEAD"),
        ("POST /openapi.json", "GET, HEAD"),
        ("POST /api/events", "GET, HEAD"),
        ("DELETE /static/css/style.css", "GET, HEAD"),
        ("OPTIONS /api/message", "POST"),
        ("OPTIONS /api/messages", "GET, HEAD"),
        ("HEAD /api/message", "POST"),
    ):
        answer = alice.request(*request.split())
        assert (answer.status_code, answer.headers["allow"]) == (405, allow), request


@pytest.mark.anyio
@pytest.mark.parametrize(
    "query", ["q=Grüße".encode(), b"q=Gr%C3%BC%C3%9Fe", b"q=Gr\xc3\xbc%c3%9fe"]
)
async def test_a_query_may_be_sent_unescaped(query: bytes) -> None:
    asked: list[str] = []

    async def app(scope: Scope, receive: Receive, _send: Send) -> None:
        asked.append(Request(scope, receive).query_params["q"])

    scope: Scope = {"type": "http", "method": "GET", "query_string": query, "headers": []}
    await AsMeant(app)(scope, nothing, ignore)
    assert asked == ["Grüße"]


@ONE_DATABASE
def test_an_address_that_is_not_in_utf_8_is_refused(visitor: Person) -> None:
    answer = visitor.get("/api/messages?q=Gr%FC%DFe", headers=PROGRAM)
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)


def test_an_address_holds_nothing_that_no_database_takes(
    app_client: TestClient, sign_in: SignIn
) -> None:
    alice = sign_in("alice", role="admin")
    asked = [("/msgs/details", "q"), ("/api/nowhere", "\0")]
    for path, methods in app_client.get("/openapi.json").json()["paths"].items():
        given = methods.get("get", {}).get("parameters", []) if path != STREAM else []
        names = [each["name"] for each in given if each["in"] == "query"]
        asked += [(path.replace("{slug}", "board"), name) for name in names]
    assert ("/rooms", "q") in asked
    for path, name in asked:
        for caller in (PAGE, HTMX, PROGRAM):
            answer = alice.get(path, params={name: "a\0"}, headers=caller)
            assert answer.status_code == 422, (path, name)
            assert "that can" in answer.text
        assert answer.json()["errors"] == {name: UNSTORED}


def test_a_stream_of_a_room_that_no_database_can_hold_is_not_there(alice: Person) -> None:
    answers = [
        alice.get(STREAM, params={"room": slug}, headers=PROGRAM) for slug in ("a\0", "nowhere")
    ]
    told = [{**each.json(), "request_id": ""} for each in answers]
    assert told[0] == told[1]
    assert told[0]["status"] == 404
