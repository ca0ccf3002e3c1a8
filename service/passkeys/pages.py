"""The pages of one's own passkeys."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import devices, duty
from service.access.identity import Identity
from service.access.options import Current
from service.access.tokens import Signer
from service.base import parts
from service.base.clock import utc
from service.base.errors import BoardError
from service.passkeys import challenges, passkeys, proving
from service.web import failures, render

NOTICES = {
    "added": "The passkey is added. From now on it signs you in.",
    "renamed": "The passkey has its new name.",
    "removed": "The passkey is removed. Delete it on your device, too.",
}


def listed(request: Request, me: Identity, done: str = "") -> Response:
    """Return all passkeys of somebody."""
    page = partial(listing, request, me, notice=NOTICES.get(done))
    return render.answer(request, page=page, program=partial(_told, me))


def _told(me: Identity) -> Response:
    found = [
        {
            "id": each.id,
            "name": each.name,
            "host": each.host,
            "backed_up": each.backed_up,
            "created_at": utc(each.created_at),
            "used_at": each.used_at and utc(each.used_at),
        }
        for each in passkeys.of(me.user_id)
    ]
    return JSONResponse({"passkeys": found})


def listing(
    request: Request,
    me: Identity,
    failure: BoardError | None = None,
    notice: str | None = None,
    wrong: int = 0,
) -> Response:
    """Return the page that lists them; `wrong` is the one that a failure is about."""
    context: dict[str, Any] = {
        "keys": passkeys.of(me.user_id),
        "most": passkeys.MOST,
        "notice": notice,
        "wrong": wrong,
        "is_duty": duty.is_known(request, me),
        **_words(failure),
    }
    return failures.page(request, failure, "passkeys/passkeys.html", **context)


def making(
    request: Request, me: Identity, failure: BoardError | None = None, name: str = ""
) -> Response:
    """Return what a passkey is made with: a page, or for programs JSON."""
    from service.passkeys import ceremony  # noqa: PLC0415, see there

    there, signer = proving.home(request), parts.of(request, Signer)
    challenge = challenges.make("register", me.user_id, passkeys.handle(me.user_id))
    board = str(parts.of(request, Current).board_name)
    known = passkeys.credentials(me.user_id, there)
    options = ceremony.creation_options(there, board, challenge, me, known)
    signed = challenges.sign(signer, challenge)
    context: dict[str, Any] = {
        "options": options,
        "challenge": signed,
        "name": name or devices.name(request.headers.get("user-agent", ""))[: passkeys.MAX_NAME],
        **_words(failure),
    }
    return render.answer(
        request,
        page=partial(failures.page, request, failure, "passkeys/new.html", **context),
        program=partial(JSONResponse, {"challenge": signed, "publicKey": options}),
    )


def refused(request: Request, page: partial[Response], failure: BoardError) -> Response:
    """Return a page with what is wrong; a program is told that alone."""
    return render.answer(
        request, page=partial(page, failure=failure), program=partial(failures.problem, failure)
    )


def _words(failure: BoardError | None) -> dict[str, Any]:
    errors = failures.fields(failure)
    return {"errors": errors, "error": None if errors or not failure else failure.message}
