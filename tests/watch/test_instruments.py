"""What a board measures of itself, and what no request can add to that."""

import asyncio
import random
import string

import pytest
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message

from service import registry
from service.accounts import sign_in
from service.base.errors import Unavailable
from service.live import routes as live_routes
from service.live import streams
from service.messages import messages
from service.web import envelope
from tests.measuring import Measured
from tests.people import MEMBERS, ONE_DATABASE, PASSWORD, PROGRAM, Person
from tests.streams import Board, Frame, post

COUNT = "http_request_duration_seconds_count"
SECRET = "a-secret-of-alices"


@pytest.fixture(autouse=True)
def from_the_start(measured: Measured) -> None:
    """Measure before there is an application."""


@ONE_DATABASE
def test_a_request_is_measured_by_its_route(measured: Measured, alice: Person) -> None:
    alice.get("/msgs/17/edit")
    alice.head("/healthz")
    alice.get("/nothing/here")
    alice.request("BREW", "/healthz")
    assert measured.value(COUNT, method="GET", route="/msgs/{message_id}/edit", status="404") == 1
    assert measured.value(COUNT, method="HEAD", route="/healthz", status="200") == 1
    assert measured.value(COUNT, method="GET", route="-", status="404") == 1
    assert "other" in measured.said(COUNT, "method")


@ONE_DATABASE
def test_a_post_is_counted_once_however_often_it_is_sent(measured: Measured, alice: Person) -> None:
    for _ in range(3):
        alice.post("/api/message", data={"message": "Hello", "client_key": "once"})
    alice.post("/api/message", data={"message": ""})
    assert measured.value("messages_posted_total") == 1


def test_work_with_the_database_is_measured(measured: Measured, alice: Person) -> None:
    alice.post("/api/message", data={"message": "Hello"})
    alice.get("/api/messages?q=hello", headers=PROGRAM)
    assert measured.value("search_seconds_count") == 1
    lanes = {"reads", "writes", "searches", "readiness"}
    assert measured.said("database_connections_limit", "lane") == lanes
    for lane in ("writes", "searches"):
        waits = measured.value("database_wait_seconds_count", lane=lane)
        assert waits
        assert measured.value("database_connections_in_use", lane=lane) == 0
        assert measured.value("database_connections_limit", lane=lane)


def test_what_could_not_be_tried_is_no_attempt_to_sign_in(measured: Measured) -> None:
    with pytest.raises(Unavailable), sign_in.refusals("password"):
        raise Unavailable
    for outcome in ("succeeded", "failed", "throttled"):
        assert measured.value("sign_ins_total", method="password", outcome=outcome) == 0


@ONE_DATABASE
def test_passwords_are_counted_by_what_became_of_them(
    measured: Measured, alice: Person, visitor: Person
) -> None:
    def attempt(password: str) -> int:
        return visitor.post(
            "/api/login", data={"username": "alice", "password": password}
        ).status_code

    assert attempt("") == 422
    assert attempt(PASSWORD) == 303
    assert [attempt("wrong horse") for _ in range(6)] == [401] * 5 + [429]
    outcomes = {"succeeded": 1, "failed": 5, "throttled": 1}
    for outcome, count in outcomes.items():
        assert measured.value("sign_ins_total", method="password", outcome=outcome) == count
    assert measured.value("throttled_total", limit="sign_ins") == 1


@pytest.mark.anyio
@MEMBERS
@ONE_DATABASE
async def test_streams_and_what_they_are_sent_are_measured(
    measured: Measured, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "QUEUE", 2)
    alice = await board.sign_in("alice")
    assert measured.value("streams_open") == 0
    stream, _ = await board.open_now(alice)
    assert measured.value("streams_open") == 1
    assert measured.value("stream_replays_total", result="replayed") == 1
    await post(alice, "Hello")
    frame = await stream.frame()
    assert frame
    assert frame.text == "Hello"
    assert measured.value("delivery_seconds_count") == 1
    assert measured.value("events_behind") == 0
    stream.reading.clear()
    for number in range(5):
        await post(alice, f"{number}")
    await board.hub.feed.as_far_as(messages.newest_cursor())
    stream.reading.set()
    await stream.rest()
    assert measured.value("stream_overflows_total") == 1
    other = await board.open(alice, after="nonsense")
    assert [type(each) for each in await other.rest()] == [Frame]
    assert measured.value("stream_replays_total", result="resync") == 1
    await asyncio.wait({stream.task, other.task})
    assert measured.value("streams_open") == 0
    assert live_routes.PATH not in measured.said(
        COUNT, "route"
    )  # it lasts as long as somebody reads


def routes() -> set[str]:
    """Return every template that a request can be measured by."""
    found = [route for module in registry.MODULES for route in module.router.routes]
    paths = {route.path for route in found if isinstance(route, APIRoute)}
    return {*paths, live_routes.PATH, "/static/{name}", "-"}


def hostile(random: random.Random) -> tuple[str, str, list[tuple[bytes, bytes]]]:
    """Return a method, a path and headers as somebody may send them who wants to be counted."""

    def word() -> str:
        alphabet = string.ascii_letters + string.digits + "%{}_.~\\\"'\n\0é\U0001f600"
        return "".join(random.choices(alphabet, k=random.randint(1, 30)))

    known = random.choice(["/msgs", "/api/message", "/static", "/oidc", "/api/events", "/account"])
    path = random.choice([f"/{word()}", f"{known}/{word()}", f"{known}/{word()}/edit", known])
    method = random.choice(["GET", "POST", "HEAD", "OPTIONS", word().upper(), "get"])
    names = ["user-agent", "x-request-id", "authorization", "cookie", "accept", "hx-request"]
    headers = [(name.encode(), word().encode()) for name in random.sample(names, 3)]
    return method, path, [*headers, (b"host", b"board.test")]


async def send(app: ASGIApp, method: str, path: str, headers: list[tuple[bytes, bytes]]) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": SECRET.encode(), "more_body": False}

    async def ignore(_: Message) -> None:
        pass

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": SECRET.encode(),
        "scheme": "http",
        "client": ("203.0.113.7", 1),
        "headers": headers,
    }
    await app(scope, receive, ignore)


@pytest.mark.anyio
@MEMBERS
@ONE_DATABASE
async def test_no_request_adds_what_it_says_of_itself(measured: Measured, board: Board) -> None:
    numbers = random.Random(14)
    for _ in range(2000):
        await send(board.app, *hostile(numbers))
    assert measured.said(COUNT, "route") <= routes()
    assert measured.said(COUNT, "method") <= {*envelope.METHODS, "other"}
    assert all(each.isdigit() and len(each) == 3 for each in measured.said(COUNT, "status"))
    assert len(measured.series()) < 3000
    text = str(measured.series())
    assert not [each for each in ("203.0.113", SECRET, "board.test", "alice") if each in text]


@ONE_DATABASE
def test_the_board_itself_has_no_such_page(alice: Person) -> None:
    assert alice.get("/metrics").status_code == 404
