"""One's own passkeys: listed, added, renamed, removed."""

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access import audit
from service.access.guards import ConfirmingOwning, ConfirmingSettingUp, SettingUp
from service.access.identity import Identity
from service.access.tokens import Signer
from service.base import lanes, parts
from service.base.config import Settings
from service.base.errors import Conflict, Invalid
from service.passkeys import challenges, pages, passkeys, proving
from service.web import render
from service.web.forms import Fields, Submitted, documented
from service.web.ids import Id

router = APIRouter()
DONE = (
    (200, "Done (programs)."),
    (303, "Done; back to the page (a browser's form)."),
)
NAME = (True, f"What you call it, 1-{passkeys.MAX_NAME} characters")


@router.get(
    "/account/passkeys",
    summary="My passkeys",
    openapi_extra=documented((200, "The passkeys that sign me in.")),
)
@lanes.on("reads")
def passkeys_page(request: Request, me: SettingUp, done: str = "") -> Response:
    """List them: for which host they are, when they were made and last used."""
    return pages.listed(request, me, done)


@router.get(
    "/account/passkeys/new",
    summary="Page that makes a passkey",
    openapi_extra=documented(
        (200, "What a browser is to be asked, and the challenge to send back with its answer."),
        (404, "Passkeys can't work at the board's address."),
    ),
)
@lanes.on("reads")
def new_page(request: Request, me: ConfirmingSettingUp) -> Response:
    """Return what `navigator.credentials.create` takes. The challenge is good for 5 minutes."""
    return pages.making(request, me)


@router.post(
    "/api/account/passkeys",
    summary="Add a passkey",
    openapi_extra=documented(
        *DONE,
        (404, "Passkeys can't work at the board's address."),
        (409, "The challenge is used or too old, the passkey known, or there are too many."),
        (422, "That is no passkey, or has no name."),
        name=NAME,
        challenge=(True, "As it came with the question"),
        passkey=(True, "What the browser answered: the passkey's `toJSON()` as text"),
    ),
)
@lanes.on("writes")
def add(request: Request, me: ConfirmingSettingUp, fields: Submitted) -> Response:
    """Let a passkey that was made here sign in from now on, with or without the user's name."""
    try:
        _add(request, me, fields)
    except (Invalid, Conflict) as failure:
        page = partial(pages.making, request, me, name=fields["name"])
        return pages.refused(request, page, failure)
    return _done(request, "added")


def _add(request: Request, me: Identity, fields: Fields) -> None:
    from service.passkeys import ceremony  # noqa: PLC0415, see there

    there = proving.home(request)
    name = passkeys.clean_name(fields["name"])
    signer = parts.of(request, Signer)
    challenge = challenges.read(signer, fields["challenge"], "register", me.user_id)
    made = ceremony.made(there, challenge, fields["passkey"])
    passkeys.add(me, audit.actor(request, me), there, challenge, made, name)


@router.post(
    "/api/account/passkeys/{passkey_id}/name",
    summary="Rename a passkey",
    openapi_extra=documented(
        *DONE, (404, "You have no such passkey."), (422, "It has no name."), name=NAME
    ),
)
@lanes.on("writes")
def rename(request: Request, me: SettingUp, passkey_id: Id, fields: Submitted) -> Response:
    """Give it another name, which nobody else sees."""
    try:
        passkeys.rename(me, passkey_id, passkeys.clean_name(fields["name"]))
    except Invalid as failure:
        return pages.refused(
            request, partial(pages.listing, request, me, wrong=passkey_id), failure
        )
    return _done(request, "renamed")


@router.post(
    "/api/account/passkeys/{passkey_id}/remove",
    summary="Remove a passkey",
    openapi_extra=documented(
        *DONE,
        (404, "You have no such passkey."),
        (409, "It is your only way in, or the second factor that one must have here."),
    ),
)
@lanes.on("writes")
def remove(request: Request, me: ConfirmingOwning, passkey_id: Id) -> Response:
    """Let it sign in no more. Sessions that it began go on."""
    try:
        passwords = parts.of(request, Settings).password_sign_in
        passkeys.remove(me, audit.actor(request, me), passkey_id, passwords=passwords)
    except Conflict as failure:
        return pages.refused(request, partial(pages.listing, request, me), failure)
    return _done(request, "removed")


def _done(request: Request, what: str) -> Response:
    return render.done(request, f"/account/passkeys?done={what}", {"done": what})
