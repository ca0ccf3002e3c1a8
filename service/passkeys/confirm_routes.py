"""Confirming by a passkey who one is."""

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access import audit, confirmation, session_cookie
from service.access.guards import SettingUp
from service.access.identity import Identity
from service.accounts.accounts import Account
from service.accounts.proofs import Proof
from service.base import lanes
from service.base.errors import Invalid
from service.passkeys import passkeys, proving
from service.passkeys.answers import NotTaken
from service.web import render
from service.web.forms import Fields, Submitted, documented

router = APIRouter()


def _has_one(account: Account) -> bool:
    return bool(passkeys.of(account.id))


by_passkey = Proof("passkeys/_confirm.html", _has_one)
passkey_as_step = Proof("passkeys/_second.html", _has_one)


@router.get(
    "/api/passkey/confirm/question",
    summary="What a passkey is asked that confirms who one is",
    openapi_extra=documented(
        (200, "The question, and the challenge to send back with its answer."),
        (404, "Passkeys can't work at the board's address."),
    ),
)
@lanes.on("reads")
def question_of_confirmation(request: Request, me: SettingUp) -> Response:
    """Return what `navigator.credentials.get` takes. The challenge is good for 5 minutes."""
    return proving.question(request, "confirm", me.user_id)


@router.post(
    "/api/passkey/confirm",
    summary="Confirm by a passkey who one is",
    openapi_extra=documented(
        (200, "Confirmed: for 10 minutes nothing asks for it again (programs)."),
        (303, "Confirmed; on to the account page (a browser's form)."),
        (404, "Passkeys can't work at the board's address."),
        (409, "The challenge was answered already, or is too old."),
        (422, "That is no answer of a passkey of yours."),
        (429, "Too many failed tries; see Retry-After."),
        **proving.FIELDS,
    ),
)
async def confirm_by_passkey(request: Request, me: SettingUp, fields: Submitted) -> Response:
    """Check what a passkey answered, and note it in this session."""
    new = await lanes.run(request.scope, "writes", _confirm, request, me, fields)
    session_cookie.give(request, new)
    # What is gone on with may name this session.
    told = {"confirmed": True, "session": new.session_id, "session_before": me.session_id}
    return await run_sync(render.done, request, "/account", told)


def _confirm(request: Request, me: Identity, fields: Fields) -> Identity:
    try:
        proving.proved(request, fields, "confirm", me.user_id)
    except NotTaken as failure:  # no reason to believe that they are signed out
        raise Invalid(credential=failure.message) from None
    return confirmation.confirm(me, audit.actor(request, me), method="passkey")
