"""What Charlie does and asks for, to be compared between two worlds."""

from collections.abc import Iterator

import httpx2

from tests.people import PAGE, PROGRAM, Person

Step = tuple[str, dict[str, str] | None]  # an address, and what is sent there
Callers = tuple[dict[str, str], ...]

BOTH = (PAGE, PROGRAM)

SECRET, DIRECT = "cavecavec1", "nestnestn1"
THUMB = {"emoji": "👍"}
# What Charlie does, beside asking for all there is. {cursor} and {all} are cursors he got at first,
# {epoch} is theirs, {secret} and {direct} rooms that he has never heard of.
STEPS: list[Step] = [
    ("/api/messages", None),
    ("/api/messages?after={cursor}", None),
    ("/api/messages/all", None),
    ("/api/messages/all?after={all}", None),
    ("/api/message", {"message": "A lunch?", "client_key": "charlies-first"}),
    ("/api/messages?after={cursor}", None),
    ("/api/messages/all?after={all}", None),
    ("/api/messages?q=lunch", None),
    ("/msgs?q=lunch", None),
    ("/msgs/2/edit", None),
    ("/api/message/2/edit", {"message": "A late lunch?"}),
    ("/api/message/2/edit", {"message": "Once more", "seq": "1"}),
    ("/api/message", {"message": "To be deleted", "client_key": "charlies-second"}),
    ("/api/message/3/deletion", {}),
    ("/api/messages/all?after={all}", None),
    ("/api/message/1/reaction", THUMB),
    ("/msgs/1/reactions", None),
    ("/api/message/2/reaction", THUMB),
    ("/api/message/2/reaction/removal", THUMB),
    ("/api/message/1/pin", {}),
    ("/api/message/2/pin", {}),
    ("/msgs/pins", None),
    ("/api/message/2/pin/removal", {}),
    ("/api/message/1/quote", None),
    ("/msgs?quote=1", None),
    ("/api/message", {"message": "> Hello\n\n@alice, look", "client_key": "charlies-third"}),
    ("/api/messages?after={cursor}", None),
    *(
        (address + words, None)
        for words in ("has:pin", "has:reaction", "mentions:me", "from:bob", "in:cavecavec1 lunch")
        for address in ("/api/search?q=", "/search?q=", "/msgs?q=")
    ),
    ("/api/message/2/unread", {}),
    ("/rooms/rail", None),
    ("/api/read", {"number": "4"}),
    ("/api/message/1/reply", {"message": "In a thread", "client_key": "charlies-sixth"}),
    ("/api/message/5/reply", {"message": "Once more"}),
    ("/api/message/1/replies", None),
    ("/msgs/1/thread", None),
    ("/msgs/5", None),
    ("/api/messages?after={cursor}", None),
    ("/api/messages?q=has:reply", None),
    ("/api/search?q=has:reply", None),
    ("/api/message/5/deletion", {}),
    ("/rooms/{secret}/1/thread", None),
    ("/rooms/{direct}/1/thread", None),
    ("/api/rooms/{direct}/message/1/reply", {"message": "Let me in"}),
    ("/api/events?room={secret}", None),
    ("/api/rooms/{secret}/messages?after={cursor}", None),
    ("/api/rooms/{secret}/messages?q=lunch", None),
    ("/rooms/{secret}?q=lunch", None),
    ("/rooms/{secret}?quote=2", None),
    ("/rooms/{direct}", None),
    ("/rooms/{direct}/pins", None),
    ("/api/rooms/{direct}/message", {"message": "Let me in", "client_key": "charlies-fourth"}),
    ("/api/mentionable?q=b", None),
    ("/api/rooms/{secret}/mentionable?q=b", None),
    ("/api/preview", {"message": "@bob, see {secret}"}),
    ("/api/rooms", {"name": SECRET}),
    ("/api/rooms", {"name": "A room of mine", "kind": "private"}),
    ("/api/direct", {"to": "bob"}),
    ("/api/rooms", None),
    ("/rooms/open", None),
    ("/api/account/export", {}),
    *((f"/api/messages?after={{epoch}}.{seq}", None) for seq in range(1, 10)),
    ("/openapi.json", None),
    ("/msgs", None),
    ("/msgs", None),
]
# For what stands in braces in an address.
NAMED = {"slug": SECRET, "message_id": 2, "user_id": 1, "bot_id": 1, "provider": "none"}
# Fields of all that can be sent to a room.
FIELDS = THUMB | {
    "message": "Let me in",
    "client_key": "charlies-fifth",
    "name": "Mine",
    "topic": "Mine",
    "to": "charlie",
    "username": "bob",
    "level": "nothing",
    "number": "1",
}
# Endless, or the end of his session, or what tells the time that it took.
NOT_ASKED = {"/api/events", "/api/logout", "/healthz", "/readyz"}
MADE_ANEW = ("/account/second", "/account/passkeys")  # keys, each time


def steps(charlie: Person) -> Iterator[tuple[Step, Callers]]:
    """Yield what Charlie does, and then every address that there is: asked for, or of a room."""
    yield from ((step, BOTH) for step in STEPS)
    paths = charlie.get("/openapi.json").json()["paths"]
    for path, methods in sorted(paths.items()):
        if "post" in methods and path.startswith("/api/rooms/{slug}/"):
            yield (path, FIELDS), BOTH
        if "get" in methods and path not in NOT_ASKED and not path.startswith(MADE_ANEW):
            yield (path, None), (PROGRAM if path.startswith("/api/") else PAGE,)


def here(charlie: Person) -> str:
    """Return the newest cursor of the first room."""
    return charlie.get("/api/messages", headers=PROGRAM).json()["cursor"]


def cursors(charlie: Person) -> dict[str, str]:
    """Return what stands for Charlie's first cursors in an address."""
    everywhere = charlie.get("/api/messages/all", headers=PROGRAM).json()["cursor"]
    own = here(charlie)
    return {"cursor": own, "all": everywhere, "epoch": own.partition(".")[0]}


def answers(
    charlie: Person, path: str, sent: dict[str, str] | None, callers: Callers
) -> Iterator[httpx2.Response]:
    """Yield what Charlie's browser gets there, or his program, or both."""
    for caller in callers:
        headers = caller | {"accept-encoding": "identity"}
        if sent is None:
            yield charlie.get(path, headers=headers)
        else:
            yield charlie.post(path, data=sent, headers=headers)
