"""What somebody wrote into a form of the board, for a page of failure to give back."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request

from service.base import parts
from service.base.config import Settings
from service.base.errors import BoardError, UnsupportedType
from service.web import forms, render
from service.web.bodies import Body

HALF_ESCAPE = re.compile(rb"%[0-9A-Fa-f]?\Z")  # where a body was cut off
# What a form says beside what is written.
UNSEEN = frozenset({"author", "challenge", "client_key", "code", "credential", "passkey", "seq"})
LABELS = {"message": "What you wrote", "user_timezone": "Time zone"}
SIGNED_OUT, FORBIDDEN, TOO_LARGE = 401, 403, 413
BEFORE_ROUTES = frozenset({FORBIDDEN, TOO_LARGE})  # nobody knows yet whether a body is wanted
# After these the same can be sent again as it is. Never after what another site sent.
REPEATABLE = frozenset({SIGNED_OUT, 408, 429, 500, 503, 507})


@dataclass(frozen=True)
class Written:
    """What can be shown, what goes along unseen, and where it is sent again, if it can be."""

    shown: dict[str, tuple[str, str]] = field(default_factory=dict)  # name: label and text
    unseen: dict[str, str] = field(default_factory=dict)
    method: str = "get"
    again: str = ""
    whole: bool = True


async def read(request: Request, failure: BoardError) -> Written | None:
    """Return what a browser's page asked and sent, no passwords; None for other callers."""
    if render.caller(request) != "page" or not render.takes_html(request):
        return None
    repeatable = failure.status in REPEATABLE
    if request.method != "POST":
        return Written(again=address(request) if repeatable else "")
    sent = await fields(request) if _wanted(request, failure) else {}
    kept = {name: text for name, text in sent.items() if text and "password" not in name}
    return Written(
        {name: (_label(name), text) for name, text in kept.items() if name not in UNSEEN},
        {name: text for name, text in kept.items() if name in UNSEEN},
        "post",
        address(request) if repeatable and "password" not in " ".join(sent) else "",
        whole=failure.status != TOO_LARGE,
    )


def _wanted(request: Request, failure: BoardError) -> bool:
    """Say whether a body is to be read at all: none that no route wants, or that is refused."""
    if failure.status == UnsupportedType.status:
        return False
    return failure.status in BEFORE_ROUTES or bool(forms.wanted(request))


async def fields(request: Request) -> dict[str, str]:
    """Return the fields of a form of ours, as far as they can be read at all."""
    body = parts.maybe(request, Body)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body is None or media_type != forms.FORM or not request.url.path.startswith("/api/"):
        return {}
    sent = HALF_ESCAPE.sub(b"", await body.read_on())
    if sent.count(b"&") >= forms.MAX_FIELDS:
        return {}
    return {_text(name): _text(value) for name, value in parse_qsl(sent, keep_blank_values=True)}


def _text(sent: bytes) -> str:
    return sent.decode(errors="ignore").replace("\r\n", "\n")


def _label(name: str) -> str:
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def address(request: Request) -> str:
    """Return the path and query again, as ones of this board whatever they begin with."""
    query = request.url.query
    return (
        parts.of(request, Settings).base
        + "/"
        + request.url.path.lstrip("/")
        + (f"?{query}" if query else "")
    )
