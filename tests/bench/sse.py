"""What streams are measured beside: each reader gets what is posted as it is, and no more."""

from starlette.types import Message, Receive, Scope, Send

HEADERS = [(b"content-type", b"text/event-stream")]
CONFIRMED = b"id: 0\n\n"

readers: set[Send] = set()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] == "POST":
        await _pass_on(await receive(), send)
        return
    missed = int(scope["query_string"].partition(b"=")[2])  # octets
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send(_part(b"." * missed + CONFIRMED))
    readers.add(send)
    while (await receive())["type"] != "http.disconnect":
        pass
    readers.discard(send)


async def _pass_on(posted: Message, send: Send) -> None:
    for reader in list(readers):
        await reader(_part(posted["body"]))
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def _part(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}
