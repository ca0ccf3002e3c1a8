"""The accounts elsewhere that one's own is linked with, and links that link somebody's."""

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.access import audit
from service.access.guards import ConfirmingManaging, ConfirmingOwning, MaybeSignedIn, Owning
from service.access.identity import Identity
from service.accounts.accounts import Account
from service.accounts.proofs import Proof
from service.base import clock, lanes, parts
from service.base.config import Settings
from service.base.errors import BoardError, Conflict, NotFound
from service.links import links
from service.links.asking import ask
from service.oidc import identities, offering
from service.web import failures, render
from service.web.forms import documented
from service.web.ids import Id

router = APIRouter()
NOTICES = {"linked": "The account is linked.", "unlinked": "The account is no longer linked."}


def _has_one(account: Account) -> bool:
    return bool(identities.of(account.id))


by_provider = Proof("oidc/_confirm.html", _has_one)


@router.get(
    "/account/providers",
    summary="My accounts elsewhere",
    openapi_extra=documented((200, "The accounts that are linked with mine.")),
)
@lanes.on("reads")
def providers_page(request: Request, me: Owning, done: str = "") -> Response:
    """List the ways to sign in beside a password, and which of them is linked with what."""
    page = partial(_page, request, me, notice=NOTICES.get(done))
    return render.answer(request, page=page, program=partial(_listed, me))


@router.post(
    "/api/account/providers/{identity_id}/unlink",
    summary="Unlink an account elsewhere",
    openapi_extra=documented(
        (200, "Done (programs)."),
        (303, "Done; back to the page (a browser's form)."),
        (404, "You have no such account linked."),
        (409, "It is your only way in."),
    ),
)
@lanes.on("writes")
def unlink(request: Request, me: ConfirmingOwning, identity_id: Id) -> Response:
    """Let an account elsewhere sign in as this one no more, and end what else it began."""
    try:
        passwords = parts.of(request, Settings).password_sign_in
        identities.unlink(me, audit.actor(request, me), identity_id, passwords=passwords)
    except Conflict as failure:
        shown = partial(_page, request, me, failure=failure)
        return render.answer(request, page=shown, program=partial(failures.problem, failure))
    return render.done(request, "/account/providers?done=unlinked", {"done": "unlinked"})


@router.get(
    "/identity",
    summary="Page of a link that links an account",
    response_class=HTMLResponse,
    openapi_extra=documented(
        (404, "The link does not work."), (429, "Too many wrong codes; see Retry-After.")
    ),
)
@lanes.on("reads")
def identity_page(request: Request, _: MaybeSignedIn, code: str = "") -> Response:
    """Show whose account a link is for, and where to go on; that uses nothing up."""
    return render.html(
        request, "oidc/identity.html", name=ask(request, code, offering.whose), code=code
    )


@router.post(
    "/api/admin/people/{user_id}/identity",
    summary="Make a link that links somebody's account with one elsewhere",
    openapi_extra=documented(
        (200, "The link, which is shown only now; it works once, for a day."),
        (403, "Only admins may do that."),
        (404, "There is no such user, or no provider."),
    ),
)
@lanes.on("writes")
def offer(request: Request, me: ConfirmingManaging, user_id: Id) -> Response:
    """Make a link that lets whoever opens it sign in as a user through a provider."""
    if not parts.of(request, Settings).providers:
        raise NotFound
    made = offering.make(audit.actor(request, me), user_id)
    link = links.address(parts.of(request, Settings).public_url, offering.PATH, made.code)
    told = {"link": link, "expires_at": clock.utc(made.expires_at)}
    shown = partial(render.html, request, made=made, link=link, user_id=user_id, notice=None)
    return render.form(request, "oidc/offered", shown, partial(JSONResponse, told))


def _listed(me: Identity) -> Response:
    found = [{"id": each.id, "issuer": each.issuer} for each in identities.of(me.user_id)]
    return JSONResponse({"identities": found})


def _page(
    request: Request, me: Identity, notice: str | None = None, failure: BoardError | None = None
) -> Response:
    tied = {each.issuer: each for each in identities.of(me.user_id)}
    ways: list[Any] = [
        (each, tied.pop(each.issuer, None)) for each in parts.of(request, Settings).providers
    ]
    ways += [(None, each) for each in tied.values()]
    error = failure.message if failure else None
    context = {"ways": ways, "notice": notice, "error": error}
    return failures.page(request, failure, "oidc/providers.html", **context)
