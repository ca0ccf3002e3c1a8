"""Signing in through a provider, and out; linking an account with who one is there."""

import logging
from contextlib import nullcontext
from functools import partial
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from service.access import audit, confirmation, origins, session_cookie, sessions, visitors
from service.access.guards import MaybeSignedIn, Owning
from service.access.identity import Identity
from service.access.options import Current
from service.accounts import sign_in
from service.base import lanes, metrics, parts
from service.base.config import Settings
from service.base.errors import Conflict, Forbidden, NotFound
from service.oidc import ending, entering, exchange, flow, identities
from service.oidc.claims import NotTaken, Told
from service.oidc.discovery import Issuer, Issuers
from service.oidc.exchange import Answer
from service.oidc.fetching import Away
from service.oidc.flow import Aim, Flow
from service.web import render
from service.web.forms import Submitted, documented

router = APIRouter()
security = logging.getLogger("service.security")
Name = Annotated[str, Path(pattern="^[a-z0-9]{1,20}$")]
Given = Annotated[str, Query(max_length=500)]
Code = Annotated[str, Query(max_length=3000)]  # some providers put all they know into it
SEE_OTHER = 303
TO_PROVIDER = documented(
    (303, "On to the provider; the way back is in a cookie for 10 minutes."),
    (404, "There is no such provider."),
)


@router.get(
    "/oidc/{provider}",
    summary="Sign in through a provider",
    openapi_extra=documented(
        (200, "A page with a link to go on, for whom another site led here."),
        (303, "On to the provider; the way back is in a cookie for 10 minutes."),
        (404, "There is no such provider."),
    ),
)
async def go(
    request: Request, provider: Name, code: Given = "", user_timezone: Given = ""
) -> Response:
    """Send a browser on to the provider. `code` is that of a link, if one led here.

    No other site signs anybody in: whoever comes from one is asked.
    """
    if origins.is_elsewhere(request.scope, request.headers):
        return await run_sync(_asked, request, _issuer(request, provider))
    return await _send(request, provider, "sign-in", code=code, zone=user_timezone)


@router.get(
    "/oidc/{provider}/link", summary="Link my account with a provider", openapi_extra=TO_PROVIDER
)
async def link(request: Request, provider: Name, me: Owning) -> Response:
    """Send a browser on, to be linked with whoever it is there.

    Only a page of the board may lead here: another's would have the stranger linked who is signed
    in there.
    """
    _issuer(request, provider)
    if not origins.is_own(request.scope, request.headers):
        raise Forbidden
    if not await lanes.run(request.scope, "reads", confirmation.is_fresh, me.session_id):
        # Not back to here: browsers let no form, as that of the confirmation, lead to elsewhere.
        return render.redirect(request, "/confirm?next=/account/providers")
    return await _send(request, provider, "link", session=me.session_id)


@router.get(
    "/oidc/{provider}/confirm",
    summary="Confirm at a provider who one is",
    openapi_extra=TO_PROVIDER,
)
async def confirm(request: Request, provider: Name, me: Owning, next: Given = "") -> Response:
    """Send a browser on, to sign in there once more."""
    then = render.own_path(next, "/account")
    return await _send(request, provider, "confirm", session=me.session_id, then=then)


async def answered(
    state: Given = "", code: Code = "", iss: Given = "", error: Given = ""
) -> Answer:
    return Answer(state, code, iss, error)


Answered = Annotated[Answer, Depends(answered)]


@router.get(
    "/oidc/{provider}/callback",
    summary="Come back from a provider",
    openapi_extra=documented(
        (303, "Signed in, linked or confirmed; on to the board."),
        (400, "What came back can't be taken: begun in another browser, too long ago, or wrong."),
        (404, "There is no such provider."),
        (409, "Whoever came is linked with another account."),
        (422, "What came back is too long."),
    ),
)
async def come_back(
    request: Request, provider: Name, me: MaybeSignedIn, answer: Answered
) -> Response:
    """Take what a provider says of somebody who was sent there."""
    issuer = _issuer(request, provider)
    found = flow.end(request, answer.state)
    if found is None and me:  # Back, or the same address twice: it is done
        return render.redirect(request, "/msgs")
    signs_in = found is None or found.aim == "sign-in"
    try:
        with sign_in.refusals("provider") if signs_in else nullcontext():
            if found is None or found.provider != provider:
                raise NotTaken(why="no such flow was begun in this browser of late")
            told = await exchange.who(issuer, found, answer, _back(request, issuer))
            return await _taken(request, issuer, found, told, me)
    except (NotTaken, Conflict, Away) as failure:
        about = {"provider": provider, "client": visitors.address(request)}
        why = getattr(failure, "why", "") or failure.message
        security.warning("sign-in through a provider refused: %.500s", why, extra=about)
        raise


async def _taken(
    request: Request, issuer: Issuer, found: Flow, told: Told, me: Identity | None
) -> Response:
    if found.aim == "sign-in":
        return await _signed_in(request, issuer, found, told, me)
    if me is None or me.session_id != found.session:
        raise NotTaken(why="another session than this one began it")
    provider = issuer.provider
    if found.aim == "link":
        by = audit.actor(request, me)
        await lanes.run(request.scope, "writes", identities.link, me, by, provider, told)
        return render.redirect(request, "/account/providers?done=linked")
    await lanes.run(request.scope, "writes", identities.check_own, me, told)
    by = audit.actor(request, me)
    confirm = partial(confirmation.confirm, me, by, provider=provider.name)
    session_cookie.give(request, await lanes.run(request.scope, "writes", confirm))
    return render.redirect(request, found.then)


async def _signed_in(
    request: Request, issuer: Issuer, found: Flow, told: Told, before: Identity | None
) -> Response:
    visitor, board = visitors.of(request), parts.of(request, Current).known.board_name or ""
    enter = partial(entering.enter, issuer.provider, told, found, visitor, board)
    me = await lanes.run(request.scope, "writes", enter)
    metrics.sign_ins.count("provider", "succeeded")
    if before:  # the browser forgets its old session, so nobody could end it
        await lanes.run(request.scope, "writes", sessions.leave, before)
    session_cookie.give(request, me)
    return render.redirect(request, "/msgs")


@router.get(
    "/oidc/{provider}/logout",
    summary="Sign out of a provider",
    openapi_extra=documented(
        (303, "On to the provider, which asks whether to sign out there."),
        (404, "There is no such provider, or it has no place to sign out."),
    ),
)
async def sign_out(request: Request, provider: Name) -> Response:
    """Send a browser on to where it signs out there; it comes back to the sign-in page."""
    issuer = _issuer(request, provider)
    if found := await exchange.way_out(issuer, f"{parts.of(request, Settings).public_url}/"):
        return RedirectResponse(found, SEE_OTHER)
    raise NotFound(f"{issuer.provider.words} has no page to sign out. Sign out there yourself.")


@router.post(
    "/oidc/{provider}/logout",
    summary="Tell that somebody signed out at the provider",
    openapi_extra=documented(
        (200, "Their sessions are over, if there were any."),
        (400, "The logout token can't be taken."),
        (404, "There is no such provider."),
        logout_token=(True, "As OpenID Connect Back-Channel Logout has it"),
    ),
)
async def signed_out_there(request: Request, provider: Name, fields: Submitted) -> Response:
    """End sessions that began at the provider, as it says that their user has signed out."""
    issuer = _issuer(request, provider)
    claims = await ending.verified(issuer, fields["logout_token"])
    count = await lanes.run(request.scope, "writes", ending.end, issuer.provider, claims)
    return JSONResponse({"ended": count})


def _asked(request: Request, issuer: Issuer) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return render.html(request, "oidc/asked.html", provider=issuer.provider, query=query)


async def _send(request: Request, provider: str, aim: Aim, **more: str) -> Response:
    issuer = _issuer(request, provider)
    begun = flow.begin(request, provider, aim, **more)
    try:
        found = await exchange.address(issuer, begun, _back(request, issuer))
    except Away as failure:
        security.warning("provider away: %.500s", failure.why, extra={"provider": provider})
        raise
    return RedirectResponse(found, SEE_OTHER)


def _issuer(request: Request, provider: str) -> Issuer:
    found = parts.of(request, Issuers).get(provider)
    if found is None:
        raise NotFound
    return found


def _back(request: Request, issuer: Issuer) -> str:
    """Return an address of ours as the provider knows it, whatever name the board was asked by."""
    return issuer.provider.back(parts.of(request, Settings).public_url)
