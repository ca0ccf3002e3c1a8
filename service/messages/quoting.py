"""A message as it is quoted in another one: who wrote it, a link to it, and how it begins."""

import re

from starlette.requests import Request

from service.access.identity import Identity
from service.access.visible import User
from service.base import numbers, parts
from service.base.config import Settings
from service.base.errors import NotFound
from service.messages import messages
from service.messages.messages import MessageView

MOST = 500  # characters of the text
ESCAPED = re.compile(r"[*_~`\[\]\\]")  # as `web/marks` reads them
QUOTED = re.compile(r"\A(?:[ \t]*>.*\n)+\s*")  # what a message itself quotes, above its own text
FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")


def of(request: Request, me: User, number: int, room: int) -> str:
    """Return what quotes a message; raise NotFound."""
    asked = f"{request.url.scheme}://{request.headers.get('host', '')}"
    home = parts.of(request, Settings).public_url or asked
    return quoted(messages.any_ones(me, number, room), home)


def asked(request: Request, me: Identity, text: str, room: int) -> str:
    """Return what quotes the message that an address names; nothing, if it is not there."""
    if not text or not me.may("post"):
        return ""
    try:
        return of(request, me, numbers.of(text) or 0, room)
    except NotFound:
        return ""


def quoted(message: MessageView, home: str) -> str:
    """Return a message as Markdown that quotes it, and an empty line to write on.

    `home` is where browsers find the board: https://board.example.org.
    """
    who = ESCAPED.sub(r"\\\g<0>", message.display_name or message.author)
    head = f"**{who}** [wrote]({home}{message.place.page}/{message.id}):"
    lines = [head, *_cut(QUOTED.sub("", message.text) or message.text).split("\n")]
    return "".join(f"> {line}".rstrip() + "\n" for line in lines) + "\n"


def _cut(text: str) -> str:
    """Return how a text begins; code that is cut off ends there."""
    text = text.strip("\n")
    if len(text) <= MOST:
        return text
    kept = text[:MOST].rstrip()
    fence = _open_fence(kept)
    return f"{kept}\n{fence}\n…" if fence else f"{kept}…"


def _open_fence(text: str) -> str:
    """Return the fence that a text leaves open, if any."""
    fence = ""
    for line in text.split("\n"):
        found = FENCE.match(line)
        if not found:
            continue
        if not fence:
            fence = found[1]
        elif found[1].startswith(fence) and not line[found.end() :].strip():
            fence = ""
    return fence
