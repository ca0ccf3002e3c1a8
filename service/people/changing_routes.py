"""What those do to people who look after them."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access import audit
from service.access.audit import Actor
from service.access.guards import Admitting, ConfirmingAdmitting, ConfirmingManaging
from service.access.identity import Identity
from service.access.options import Current
from service.access.standing import Standings
from service.base import lanes, parts
from service.base.config import Settings
from service.base.errors import BoardError, Conflict, Invalid
from service.data.emptying import Emptying
from service.live.wakes import Told
from service.mail.outbox import Outbox
from service.people import letters, pages, people
from service.web import failures, render
from service.web.forms import Submitted, documented
from service.web.ids import Id

router = APIRouter()
DONE = (
    (200, "Done (htmx and programs)."),
    (303, "Done; back to their page (a browser's form)."),
    (403, "One's role does not allow it, or not to somebody of theirs."),
    (404, "There is no such user any more."),
    (409, "The last admin who can sign in; who waits no more; no second factor to reset."),
)


@router.post(
    "/api/admin/people/{user_id}/role",
    summary="Give somebody a role",
    openapi_extra=documented(
        *DONE,
        (422, "It is none that a person can have."),
        role=(True, "Their new role", {"enum": people.people_roles()}),
    ),
)
@lanes.on("writes")
def set_role(request: Request, me: ConfirmingManaging, user_id: Id, fields: Submitted) -> Response:
    """Give somebody a role; it is in force at their next request."""
    change = partial(people.set_role, role=fields["role"])
    return _done(request, me, user_id, "role", change)


@router.post(
    "/api/admin/people/{user_id}/disable",
    summary="Keep somebody from signing in",
    openapi_extra=documented(*DONE),
)
@lanes.on("writes")
def disable(request: Request, me: Admitting, user_id: Id) -> Response:
    """Keep somebody from signing in, and end their sessions."""
    return _done(request, me, user_id, "disabled", people.disable)


@router.post(
    "/api/admin/people/{user_id}/enable",
    summary="Let somebody sign in again",
    openapi_extra=documented(*DONE),
)
@lanes.on("writes")
def enable(request: Request, me: Admitting, user_id: Id) -> Response:
    """Let somebody sign in again who was kept from it."""
    return _done(request, me, user_id, "enabled", people.enable)


@router.post(
    "/api/admin/people/{user_id}/approve",
    summary="Let in somebody who has registered",
    openapi_extra=documented(
        *DONE,
        (422, "The name is none, or somebody's."),
        username=(False, "The username they get; else the one they wanted"),
    ),
)
@lanes.on("writes")
def approve(request: Request, me: Admitting, user_id: Id, fields: Submitted) -> Response:
    """Let somebody sign in who has registered and waits for it, and mail that to them."""
    name = fields["username"]
    again = partial(pages.person, typed=name)
    let_in = partial(_let_in, request, name)
    return _done(request, me, user_id, "let-in", let_in, again)


def _let_in(request: Request, name: str, by: Actor, user_id: int) -> None:
    board = parts.of(request, Current).board_name
    account = people.approve(by, user_id, name, board)
    url = parts.of(request, Settings).public_url
    parts.of(request, Outbox).put(partial(letters.let_in, board, url, account))


@router.post(
    "/api/admin/people/{user_id}/sessions/end",
    summary="End somebody's sessions",
    openapi_extra=documented(*DONE, session=(False, "The one to end; else all are")),
)
@lanes.on("writes")
def end_sessions(
    request: Request, me: ConfirmingManaging, user_id: Id, fields: Submitted
) -> Response:
    """End all of somebody's sessions, and revoke their tokens; or end one session."""
    change = partial(people.end_sessions, session_id=fields["session"] or None)
    return _done(request, me, user_id, "sessions", change)


@router.post(
    "/api/admin/people/{user_id}/second/reset",
    summary="Reset somebody's second factor",
    openapi_extra=documented(*DONE),
)
@lanes.on("writes")
def reset_second(request: Request, me: ConfirmingManaging, user_id: Id) -> Response:
    """Take away somebody's app for codes, recovery codes and passkeys, and end their sessions."""
    return _done(request, me, user_id, "second", people.reset_second)


@router.post(
    "/api/admin/people/{user_id}/deletion",
    summary="Delete somebody",
    openapi_extra=documented(
        *DONE,
        (422, "It is not said what becomes of their messages."),
        texts=(True, "What becomes of their messages", {"enum": ["keep", "empty"]}),
    ),
)
@lanes.on("writes")
def delete(request: Request, me: ConfirmingAdmitting, user_id: Id, fields: Submitted) -> Response:
    """Delete somebody for good: admins anybody, moderators those who wait to be let in."""
    delete = partial(_delete, request, fields["texts"])
    return _done(request, me, user_id, "deleted", delete, pages.deletion)


def _delete(request: Request, texts: str, by: Actor, user_id: int) -> None:
    if texts not in people.TEXTS:
        raise Invalid(texts="Choose what becomes of their messages.")
    people.delete(by, user_id, people.TEXTS[texts])
    parts.of(request, Emptying).begin()


def _done(
    request: Request,
    me: Identity,
    user_id: int,
    what: str,
    change: Callable[[Actor, int], object],
    again: Callable[..., Response] | None = None,
) -> Response:
    """Do something to somebody, and show their page; or the form again with what is wrong."""
    try:
        change(audit.actor(request, me), user_id)
    except (Invalid, Conflict) as failure:
        shown_again = again or _refused
        return render.answer(
            request,
            page=partial(shown_again, request, me, user_id, failure=failure),
            program=partial(failures.problem, failure),
        )
    parts.of(request, Standings).forget(user_id)
    parts.of(request, Current).refresh()
    parts.of(request, Told).tell()
    return render.done(request, f"/admin/people/{user_id}?done={what}", {"done": what})


def _refused(request: Request, me: Identity, user_id: int, failure: BoardError) -> Response:
    return pages.person(request, me, user_id, failure=failure)
