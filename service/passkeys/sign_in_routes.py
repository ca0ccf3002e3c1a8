"""Signing in by a passkey, which is both factors at once; and what it is asked with."""

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access import sessions
from service.access.guards import WITH_PASSWORDS, MaybeSignedIn
from service.accounts import entry, second_step, sign_in
from service.base import lanes, metrics
from service.passkeys import proving
from service.passkeys.answers import NotTaken
from service.web import render
from service.web.forms import Submitted, documented

router = APIRouter()


@router.get(
    "/api/passkey/question",
    summary="What a passkey is asked that signs in",
    openapi_extra=documented(
        (200, "The question, and the challenge to send back with its answer to /api/passkey."),
        (404, "Passkeys can't work at the board's address."),
    ),
)
@lanes.on("reads")
def question(request: Request) -> Response:
    """Return what `navigator.credentials.get` takes. The challenge is good for 5 minutes.

    It names no passkeys, as that would tell who has some.
    """
    return proving.question(request, "sign-in")


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
    with sign_in.refusals("passkey"):
        prove = partial(proving.proved, request, fields, "sign-in")
        account = await lanes.run(request.scope, "writes", prove)
        if account.disabled:
            raise NotTaken(sign_in.WAITING if account.pending else None)
        begun = await entry.enter(request, account, fields["user_timezone"], method="passkey")
    metrics.sign_ins.count("passkey", "succeeded")
    if me:  # the browser forgets its old session, so nobody could end it
        await lanes.run(request.scope, "writes", sessions.leave, me)
    told = {"username": begun.me.name, "user_timezone": begun.me.zone}
    return await run_sync(render.done, request, "/msgs", told)


@router.get(
    "/api/passkey/second/question",
    summary="What a passkey is asked as the second step of signing in",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        (200, "The question, and the challenge to send back with its answer."),
        (303, "No password was given of late: to the sign-in page (a browser)."),
        (401, "No right password came within the last 10 minutes."),
        (404, "Passkeys can't work at the board's address."),
    ),
)
@lanes.on("reads")
def question_of_second_step(request: Request) -> Response:
    """Return the same, for the passkeys of whoever has told the right password."""
    return proving.question(request, "second", second_step.current(request).account.id)


@router.post(
    "/api/passkey/second",
    summary="Sign in: the second step, by a passkey",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        (200, "Signed in; the session cookie is set (programs)."),
        (303, "Signed in; on to the board (a browser's form)."),
        (401, "No right password came within the last 10 minutes, or the passkey is not theirs."),
        (404, "Passkeys can't work at the board's address."),
        (409, "The challenge was answered already, or is too old."),
        (422, "That is no answer of a passkey."),
        (429, "Too many failed tries; see Retry-After."),
        **proving.FIELDS,
    ),
)
async def second_by_passkey(request: Request, me: MaybeSignedIn, fields: Submitted) -> Response:
    """Check what a passkey answered, and begin the session that the right password asked for."""
    step = await lanes.run(request.scope, "reads", second_step.current, request)
    prove = partial(proving.proved, request, fields, "second", step.account.id)
    with sign_in.refusals("password"):
        await lanes.run(request.scope, "writes", prove)
    begun = await second_step.enter(request, me, step, "passkey")
    told = {"username": begun.name, "user_timezone": begun.zone}
    return await run_sync(render.done, request, "/msgs", told)
