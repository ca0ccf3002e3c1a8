"""What streams are measured beside: each reader gets what is posted as it is, and no more."""

from collections import defaultdict
from urllib.parse import parse_qsl

from starlette.types import Message, Receive, Scope, Send

HEADERS = [(b"content-type", b"text/event-stream")]
CONFIRMED = b"id: 0\n\n"

readers: defaultdict[str, set[Send]] = defaultdict(set)  # by room


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    asked = dict(parse_qsl(scope["query_string"].decode()))
    room = asked["room"]
    if scope["method"] == "POST":
        await _pass_on(room, await receive(), send)
        return
    missed = int(asked["after"])  # octets
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send(_part(b"." * missed + CONFIRMED))
    readers[room].add(send)
    while (await receive())["type"] != "http.disconnect":
        pass
    readers[room].discard(send)


async def _pass_on(room: str, posted: Message, send: Send) -> None:
    for reader in list(readers[room]):
        await reader(_part(posted["body"]))
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def _part(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}
