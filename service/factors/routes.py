"""One's own second factor: its page, and what is done there."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access import audit
from service.access.guards import ConfirmingOwning, ConfirmingSettingUp
from service.access.second_codes import SecondCodes
from service.base import lanes, parts
from service.base.errors import Conflict, Invalid
from service.factors import factors, pages
from service.web import render
from service.web.forms import Submitted, documented

router = APIRouter()


@router.get(
    "/account/second",
    summary="My second factor",
    openapi_extra=documented(
        (200, "What one has, and a secret for an app that can be set up within 10 minutes."),
        (403, "A proof of who one is is due first, /api/confirm (programs)."),
    ),
)
@lanes.on("reads")
def second_page(
    request: Request, me: ConfirmingSettingUp, done: str = "", another: str = ""
) -> Response:
    """Tell what one is asked for beside the password, and offer a secret to who has no app."""
    return pages.show(request, me, notice=pages.NOTICES.get(done), another=bool(another))


@router.post(
    "/api/account/second",
    summary="Set up an app for codes",
    openapi_extra=documented(
        (200, "Set up; with recovery codes, which are told only now, unless there were some."),
        (303, "Set up; back to the page (a browser's form, where there were recovery codes)."),
        (422, "The code is wrong, or the secret is older than 10 minutes."),
        sealed=(True, "What came with the secret at /account/second"),
        code=(True, "The code that the app shows"),
    ),
)
@lanes.on("writes")
def set_up(request: Request, me: ConfirmingSettingUp, fields: Submitted) -> Response:
    """Ask for the codes of an app from now on; nothing is kept until one has come."""
    codes, by = parts.of(request, SecondCodes), audit.actor(request, me)
    try:
        made = factors.set_up(codes, me, by, fields["sealed"], fields["code"])
    except Invalid as failure:
        return pages.show(request, me, failure=failure, sealed=fields["sealed"])
    if made:
        return pages.codes(request, made, first=True)
    return render.done(request, "/account/second?done=on", {"recovery_codes": []})


@router.post(
    "/api/account/second/codes",
    summary="Make new recovery codes",
    openapi_extra=documented(
        (200, "Ten codes, which are told only now; the ones before are worth nothing."),
        (409, "There is no second factor that they could stand in for."),
    ),
)
@lanes.on("writes")
def new_codes(request: Request, me: ConfirmingOwning) -> Response:
    """Make ten codes, each of which stands in for the second factor once."""
    try:
        made = factors.new_codes(me, audit.actor(request, me))
    except Conflict as failure:
        return pages.show(request, me, failure=failure)
    return pages.codes(request, made, first=False)


@router.post(
    "/api/account/second/off",
    summary="Turn off the codes of an app",
    openapi_extra=documented(
        (200, "Turned off (htmx and programs)."),
        (303, "Turned off; back to the page (a browser's form)."),
        (409, "There is none, or one must have one here."),
    ),
)
@lanes.on("writes")
def turn_off(request: Request, me: ConfirmingOwning) -> Response:
    """Ask for the codes of the app no more; recovery codes go unless there is a passkey."""
    try:
        factors.turn_off(me, audit.actor(request, me))
    except Conflict as failure:
        return pages.show(request, me, failure=failure)
    return render.done(request, "/account/second?done=off", {"done": "off"})
