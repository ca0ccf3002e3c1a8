"""Signing in by a passkey, which is both factors at once; and what it is asked with."""

from typing import Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import sessions
from service.access.guards import MaybeSignedIn
from service.access.tokens import Signer
from service.accounts import entry, sign_in
from service.base import lanes, parts
from service.base.errors import NotSignedIn
from service.passkeys import challenges, passkeys, proving
from service.passkeys.answers import NotTaken
from service.web import render
from service.web.forms import Submitted, documented

router = APIRouter()


@router.get(
    "/api/passkey/question",
    summary="What a passkey is asked",
    openapi_extra=documented(
        (200, "The question, and the challenge to send back with its answer."),
        (401, "Not signed in, so there is nothing to confirm."),
        (404, "Passkeys can't work at the board's address."),
    ),
)
@lanes.on("reads")
def question(
    request: Request, me: MaybeSignedIn, aim: Literal["sign-in", "confirm"] = "sign-in"
) -> Response:
    """Return what `navigator.credentials.get` takes. The challenge is good for 5 minutes.

    It names no passkeys where somebody signs in, as that would tell who has some.
    """
    from service.passkeys import ceremony  # noqa: PLC0415, see there

    there, known, user_id = proving.home(request), [], 0
    if aim == "confirm":
        if me is None:
            raise NotSignedIn
        user_id, known = me.user_id, passkeys.credentials(me.user_id, there)
    challenge = challenges.make(aim, user_id)
    options = ceremony.request_options(there, challenge, known)
    signed = challenges.sign(parts.of(request, Signer), challenge)
    return JSONResponse({"challenge": signed, "publicKey": options})


@router.post(
    "/api/passkey",
    summary="Sign in by a passkey",
    openapi_extra=documented(
        (200, "Signed in; the session cookie is set (programs)."),
        (303, "Signed in; on to the board (a browser's form)."),
        (401, "The passkey is not known, or its account may not sign in."),
        (404, "Passkeys can't work at the board's address."),
        (409, "The challenge was answered already, or is too old."),
        (422, "That is no answer of a passkey."),
        (429, "Too many failed tries; see Retry-After."),
        **proving.FIELDS,
        user_timezone=(False, "A zone's name, such as Europe/Berlin; else the last one is kept"),
    ),
)
async def sign_in_by_passkey(request: Request, me: MaybeSignedIn, fields: Submitted) -> Response:
    """Begin a session of at most 7 days. No password is asked for, nor a second factor."""
    account = await lanes.run(request.scope, "writes", proving.proved, request, fields, "sign-in")
    if account.disabled:
        raise NotTaken(sign_in.WAITING if account.pending else None)
    begun = await entry.enter(request, account, fields["user_timezone"], method="passkey")
    if me:  # the browser forgets its old session, so nobody could end it
        await lanes.run(request.scope, "writes", sessions.leave, me)
    told = {"username": begun.me.name, "user_timezone": begun.me.zone}
    return await run_sync(render.done, request, "/msgs", told)
