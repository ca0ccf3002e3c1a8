"""The page of invitations, for whoever may invite."""

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import audit
from service.access.guards import ConfirmingInviting, Inviting
from service.access.identity import Identity
from service.base import lanes, parts
from service.base.clock import utc
from service.base.config import Settings
from service.base.errors import Invalid
from service.data import db
from service.joining import invites, terms
from service.joining.invites import Open
from service.joining.terms import Terms
from service.links import links
from service.web import failures, render
from service.web.forms import NUMBER, Fields, Submitted, documented
from service.web.ids import Id

router = APIRouter()
HOME = "/admin/invites"
REVOKED = "The invitation is taken back. Whoever has joined by it stays."


@router.get(HOME, summary="Invitations", openapi_extra=documented((200, "Those that are open.")))
@lanes.on("reads")
def show_invites(request: Request, me: Inviting, done: str = "") -> Response:
    """Return the invitations that are open: one's own, for an admin all."""
    return render.answer(
        request,
        page=partial(_page, request, me, notice=REVOKED if done else None),
        program=lambda: JSONResponse({"invites": [_listed(each) for each in _open(me)]}),
    )


@router.post(
    f"/api{HOME}",
    summary="Invite somebody",
    status_code=201,
    openapi_extra=documented(
        (201, "The invitation, with its address, which is told this once."),
        (422, "A field can't be taken as it is."),
        role=(False, "member (unless said otherwise), guest, moderator or admin"),
        uses=(False, f"How many can join by it, 1-{terms.MOST_USES}; else one", NUMBER),
        days=(
            False,
            f"For how long, 1-{terms.MOST_DAYS} days; else {terms.DAYS}",
            NUMBER,
        ),
        note=(False, f"What it is for; 0-{links.MAX_NOTE} characters"),
    ),
)
@lanes.on("writes")
def invite(request: Request, me: ConfirmingInviting, fields: Submitted) -> Response:
    """Make an invitation. Its address is told this once, for you to pass on."""
    try:
        wanted = terms.read(fields)
    except Invalid as failure:
        return _refused(request, me, failure, fields)
    link, code = invites.make(me, audit.actor(request, me), wanted)
    address = links.address(parts.of(request, Settings).public_url, invites.PATH, code)
    return render.answer(
        request,
        page=partial(_page, request, me, 201, address=address),
        program=lambda: JSONResponse({"id": link.id, "address": address, "code": code}, 201),
    )


@router.post(
    f"/api{HOME}/{{invite_id}}/revoke",
    summary="Take an invitation back",
    openapi_extra=documented(
        (200, "Taken back."),
        (303, "Taken back; back to the page (a browser's form)."),
        (404, "No such invitation of yours that is open."),
    ),
)
@lanes.on("writes")
def revoke(request: Request, me: Inviting, invite_id: Id) -> Response:
    """Let nobody join by an invitation any more."""
    invites.revoke(me, audit.actor(request, me), invite_id)
    return render.done(request, f"{HOME}?done=revoked", {"revoked": invite_id})


def _open(me: Identity) -> list[Open]:
    with db.read():
        invites.offered_now(me)
    return invites.open_ones(me)


def _listed(each: Open) -> dict[str, Any]:
    return {
        "id": each.id,
        "role": each.role,
        "note": each.note,
        "made_by": each.maker,
        "uses": each.uses,
        "left": each.left,
        "expires_at": utc(each.expires_at),
        "works": each.works,
    }


def _refused(request: Request, me: Identity, failure: Invalid, fields: Fields) -> Response:
    return render.answer(
        request,
        page=partial(_page, request, me, failure.status, errors=failure.fields, given=fields),
        program=partial(failures.problem, failure),
    )


def _page(request: Request, me: Identity, status: int = 200, /, **told: Any) -> Response:
    """Return the page; `told` are a notice, what was made, or what is wrong with what was given."""
    with db.read():
        offered = invites.offered_now(me)
    usual = {"role": "", "uses": f"{Terms.uses}", "days": f"{Terms.days}", "note": ""}
    shown: dict[str, Any] = {
        "offered": offered,
        "invites": invites.open_ones(me),
        "most": {"uses": terms.MOST_USES, "days": terms.MOST_DAYS, "note": links.MAX_NOTE},
        "values": usual | told.pop("given", {}),
        "address": None,
        "errors": {},
        "notice": None,
    }
    return render.html(request, "joining/invites.html", status, **shown | told)
