"""One's own account taken along, or ended."""

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.access import audit, session_cookie
from service.access.audit import Someone
from service.access.guards import ConfirmingOwning
from service.access.identity import Identity
from service.access.standing import Standings
from service.accounts import accounts
from service.base import clock, lanes, parts
from service.base.errors import BoardError, Conflict, Invalid
from service.base.words import name_key
from service.data import db
from service.data.emptying import Emptying
from service.live.wakes import Told
from service.mine import export
from service.mine.export import Exports
from service.people import people
from service.people.people import Texts
from service.web import failures, render
from service.web.downloads import Zip
from service.web.forms import Fields, Submitted, documented

router = APIRouter()


@router.get("/account/export", summary="Page of my export", response_class=HTMLResponse)
@lanes.on("reads")
def export_page(request: Request, _: ConfirmingOwning) -> Response:
    return render.html(request, "mine/export.html", files=export.FILES)


@router.post(
    "/api/account/export",
    summary="Export all that is mine",
    response_class=Zip,
    openapi_extra=documented(
        (200, "A zip of JSON files."), (429, "Another goes on; see Retry-After.")
    ),
)
@lanes.on("writes")
def make_export(request: Request, me: ConfirmingOwning) -> Response:
    """Send everything of one's own as a zip of JSON, made while it is sent."""
    exports = parts.of(request, Exports)
    exports.begin(me.user_id)
    with db.write():
        audit.note(audit.actor(request, me), "user.exported", Someone(me.user_id, me.name))
    return Zip.named(f"export-{clock.now():%Y-%m-%d}.zip", export.stream(me, exports))


@router.get(
    "/account/deletion", summary="Page that deletes my account", response_class=HTMLResponse
)
@lanes.on("reads")
def deletion_page(request: Request, _: ConfirmingOwning) -> Response:
    return _form(request)


@router.post(
    "/api/account/deletion",
    summary="Delete my account",
    openapi_extra=documented(
        (200, "Deleted (htmx and programs)."),
        (303, "Deleted; on to a page that says so (a browser's form)."),
        (409, "The last admin who can sign in can't go."),
        (422, "The username is not one's own, or it is not said what becomes of the texts."),
        username=(True, "One's own, so that nobody does this by mistake"),
        texts=(True, "`keep` or `empty`", {"enum": list(people.TEXTS)}),
    ),
)
@lanes.on("writes")
def delete_account(request: Request, me: ConfirmingOwning, fields: Submitted) -> Response:
    """Delete one's own account, and sign out everywhere. It can't be undone."""
    try:
        texts = _texts(me, fields)
        people.delete(audit.actor(request, me), me.user_id, texts)
    except (Invalid, Conflict) as failure:
        return render.answer(
            request,
            page=partial(_form, request, failure, fields),
            program=partial(failures.problem, failure),
        )
    parts.of(request, Standings).forget(me.user_id)
    parts.of(request, Told).tell()
    parts.of(request, Emptying).begin()
    session_cookie.take(request)
    return render.done(request, f"/account/deleted?texts={texts}", {"deleted": True})


@router.get("/account/deleted", summary="Page after the deletion", response_class=HTMLResponse)
@lanes.on("reads")
def deleted_page(request: Request, texts: str = "keep") -> Response:
    return render.html(request, "mine/deleted.html", texts=texts)


def _texts(me: Identity, fields: Fields) -> Texts:
    """Return what is to become of the texts; raise Invalid."""
    faults = {}
    if name_key(fields["username"]) != name_key(me.name):
        faults["username"] = f"Type your username, {me.name}, to say that you mean it."
    if fields["texts"] not in people.TEXTS:
        faults["texts"] = "Choose what becomes of your messages."
    if faults:
        raise Invalid(**faults)
    return people.TEXTS[fields["texts"]]


def _form(
    request: Request, failure: BoardError | None = None, fields: Fields | None = None
) -> Response:
    errors = failures.fields(failure)
    context = {
        "owns_bots": accounts.owns_bots(parts.of(request, Identity).user_id),
        "typed": fields or Fields(),
        "errors": errors,
        "error": failure.message if failure and not errors else None,
    }
    return render.form(
        request, "mine/deletion", partial(failures.page, request, failure, **context)
    )
