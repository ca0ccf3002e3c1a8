"""The pages of one's own second factor."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import duty, recovery, second
from service.access.identity import Identity
from service.access.options import Current
from service.access.second_codes import Offer, SecondCodes
from service.base import clock, parts
from service.base.errors import BoardError
from service.web import failures, render

# What a redirect back to the page says was done; only these words can be shown.
NOTICES = {
    "on": "Your app is set up. The recovery codes that you have stay good.",
    "off": "Your app is no longer asked for.",
    "recovered": "You have signed in with a recovery code, which is used up now.",
}
BORDER = 4  # modules of white around the picture: what is before dark would not be read else


def show(
    request: Request,
    me: Identity,
    notice: str | None = None,
    failure: BoardError | None = None,
    sealed: str = "",
    *,
    another: bool = False,
) -> Response:
    """Return what the user has; with it, unless they have an app, what sets one up."""
    found = second.state(me.user_id)
    offer = None
    if another or sealed or found.set_up_at is None:
        board = parts.of(request, Current).board_name
        offer = parts.of(request, SecondCodes).offer(me.user_id, me.name, board, sealed)
    errors = failures.fields(failure)
    context: dict[str, Any] = {
        "state": found,
        "offer": offer,
        "picture": _picture(offer.address) if offer else "",
        "grouped": recovery.grouped(offer.secret) if offer else "",
        "is_duty": duty.is_known(request, me),
        "notice": notice,
        "errors": errors,
        "error": failure.message if failure and not errors else None,
        "zone": me.clock,
    }
    told = partial(JSONResponse, _as_json(found, offer))
    if failure:
        told = partial(failures.problem, failure)
    page = partial(failures.page, request, failure, "factors/second.html", **context)
    return render.answer(request, page=page, program=told)


def codes(request: Request, made: list[str], *, first: bool) -> Response:
    """Return recovery codes, this once."""
    context: dict[str, Any] = {"codes": made, "text": "\n".join(made), "first": first}
    page = partial(render.html, request, "factors/codes.html", **context)
    told = partial(JSONResponse, {"recovery_codes": made})
    return render.answer(request, page=page, program=told)


def _as_json(found: second.State, offer: Offer | None) -> dict[str, Any]:
    set_up_at = found.set_up_at and clock.utc(found.set_up_at)
    told = {"set_up_at": set_up_at, "recovery_codes_left": found.codes_left}
    told |= {"passkeys": found.passkeys}
    if offer is None:
        return told
    return told | {
        "offer": {"secret": offer.secret, "address": offer.address, "sealed": offer.sealed}
    }


def _picture(address: str) -> str:
    """Return the address as a picture for a camera, as SVG without any style."""
    import segno  # noqa: PLC0415, only who sets one up needs it

    made = segno.make(address, error="m", micro=False)
    return made.svg_inline(scale=4, border=BORDER, dark="#000", light="#fff", omitsize=True)
