"""Bodies that come slowly or not at all."""

import asyncio
import logging

import pytest
from starlette.types import Message, Receive, Scope, Send

from service.base.errors import TooSlow
from service.web import bodies
from tests.people import ONE_DATABASE
from tests.streams import Board

pytestmark = pytest.mark.anyio
POST = {"type": "http", "method": "POST", "path": "/api/login", "headers": [], "state": {}}


async def read_whole(_scope: Scope, receive: Receive, _send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await receive()  # as one waits for the end of the connection


def sending(*messages: Message) -> Receive:
    """Return a client that sends these messages and then nothing."""
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await asyncio.sleep(0.3)
            return {"type": "http.disconnect"}
        return waiting.pop(0)

    return receive


async def ignore(_message: Message) -> None:
    pass


async def test_a_body_that_does_not_arrive_in_time_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "BODY_TIMEOUT", 0.05)
    limit = bodies.BodyLimit(read_whole)
    half = {"type": "http.request", "body": b"x", "more_body": True}
    with pytest.raises(TooSlow):
        await limit(POST, sending(half), ignore)
    # Once it is whole, nobody is hurried.
    await limit(POST, sending(half, {"type": "http.request", "body": b"y"}), ignore)


@ONE_DATABASE
async def test_a_client_that_leaves_halfway_is_no_failure_of_ours(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
    scope = {
        **POST,
        "scheme": "http",
        "query_string": b"",
        "headers": headers,
        "client": ("192.0.2.1", 1),
        "server": ("board.test", 80),
        "state": {},
    }
    await board.app(scope, sending({"type": "http.disconnect"}), ignore)
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []
