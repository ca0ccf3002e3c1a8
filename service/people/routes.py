"""People as those see them who look after them: all, or one."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.access.guards import Admitting
from service.base import lanes
from service.people import listing, pages, shown
from service.people.listing import Wanted
from service.web import render
from service.web.forms import documented
from service.web.ids import Id

router = APIRouter()
# What a redirect back to a person's page says was done; only these words can be shown.
NOTICES = {
    "role": "The role is changed.",
    "disabled": "The account is disabled, and signed out everywhere.",
    "let-in": "They are let in: they can sign in from now on.",
    "enabled": "The account is enabled.",
    "sessions": "They are signed out. If that was everywhere, their tokens are revoked, too.",
    "second": "The second factor is reset: the password alone signs in. They are signed out.",
    "deleted": "The account is deleted.",
}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Who is looked for, as it is written in an address."""

    q: Annotated[str, Query(description="Part of a username, a display name or an address")] = ""
    role: Annotated[str, Query(description="admin, moderator, member, guest or bot")] = ""
    state: Annotated[str, Query(description="active, pending, disabled or deleted")] = ""


Asked = Annotated[Filters, Depends(Filters)]


@router.get(
    "/admin/people", summary="People", openapi_extra=documented((200, "50 people, by their names."))
)
@lanes.on("reads")
def show_people(request: Request, me: Admitting, asked: Asked, page: int = 1) -> Response:
    """Return those who are looked for; without the deleted unless they are asked for."""
    given = asdict(asked)
    found = listing.listed(me, Wanted(**given), page)
    context = {
        "page": found,
        "given": given,
        "filters": urlencode({name: text for name, text in given.items() if text}),
        "waiting": listing.waiting(),
        "notice": None,
    }
    html = partial(render.html, request, **context)
    told = partial(JSONResponse, shown.page_as_json(found))
    return render.form(request, "people/people", html, told)


@router.get(
    "/admin/people/{user_id}",
    summary="Somebody's page for those who look after people",
    openapi_extra=documented((200, "The person."), (404, "There is no such user.")),
)
@lanes.on("reads")
def show_person(request: Request, me: Admitting, user_id: Id, done: str = "") -> Response:
    return pages.person(request, me, user_id, notice=NOTICES.get(done))


@router.get(
    "/admin/people/{user_id}/deletion",
    summary="Page that deletes somebody",
    response_class=HTMLResponse,
)
@lanes.on("reads")
def deletion_page(request: Request, me: Admitting, user_id: Id) -> Response:
    return pages.deletion(request, me, user_id)
