"""The pages of those who register by themselves."""

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.access import visitors
from service.access.guards import WITH_PASSWORDS, MaybeSignedIn
from service.access.options import BY_THEMSELVES, Current
from service.base import lanes, parts
from service.base.config import Settings
from service.base.errors import Invalid, NotFound, TooManyRequests, Unavailable
from service.base.paces import Strangers
from service.joining import newcomers, registration, shown, waiting
from service.links.links import MAX_NOTE
from service.mail import addresses
from service.mail.outbox import Outbox
from service.web import render
from service.web.forms import Fields, Submitted, documented

router = APIRouter()
WAITING = "You are registered. Somebody who runs this board has to let you in; then you sign in."
SENT = "If the address can be written to, a mail is on its way: open the link in it within a day."
NO_MAIL = "This board sends no mail, so nobody can register. Ask an admin for an account."


@router.get(
    "/register",
    summary="Registration page",
    dependencies=WITH_PASSWORDS,
    response_class=HTMLResponse,
    openapi_extra=documented((303, "Signed in already; on to the board.")),
)
async def register_page(request: Request, me: MaybeSignedIn, done: str = "") -> Response:
    if me:
        return await run_sync(render.redirect, request, "/msgs")
    await parts.of(request, Current).catch_up(request.scope)
    return await run_sync(_page, request, WAITING if done == "waiting" else "")


@router.post(
    "/api/register",
    summary="Register",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        (200, "Registered, or a mail is on its way, whoever else has that name or address."),
        (303, "Registered; on to a page that says so (a browser's form)."),
        (404, "Nobody registers by themselves."),
        (422, "A field can't be taken as it is."),
        (429, "Too many register; see Retry-After."),
        username=(False, "1-50 characters; where people are let in by somebody"),
        password=(False, "8-100 characters, hard to guess; there, too"),
        user_timezone=(False, "A zone's name, such as Europe/Berlin; else UTC"),
        email=(False, "An e-mail address; needed where its domain decides"),
        note=(False, f"For whoever lets people in, at most {MAX_NOTE} characters"),
    ),
)
async def register(request: Request, fields: Submitted) -> Response:
    """Ask for an account. Nothing in the answer tells of others who have one."""
    options = parts.of(request, Current)
    await options.catch_up(request.scope)
    mode = options.known.registration
    try:
        if mode == "approval":
            return await _wait(request, fields)
        if mode == "domains":
            return await _mail(request, fields)
    except (Invalid, TooManyRequests, Unavailable) as failure:
        return await run_sync(shown.form, request, _form(mode), fields, failure)
    raise NotFound(registration.REFUSED[mode])


async def _wait(request: Request, fields: Fields) -> Response:
    email = await run_sync(_given, fields)
    note = fields["note"].strip()
    if len(note) > MAX_NOTE:
        raise Invalid(note=f"A note has at most {MAX_NOTE} characters.")
    await parts.of(request, Strangers).take(visitors.network(request))
    newcomer = await newcomers.read(fields, shown.board(request))
    wait = partial(registration.wait, newcomer, email, note, visitors.address(request))
    await lanes.run(request.scope, "writes", wait)
    outbox, url = parts.of(request, Outbox), parts.of(request, Settings).public_url
    outbox.put(partial(waiting.tell, outbox, shown.board(request), url))
    told = {"waiting": WAITING}
    return await run_sync(render.done, request, "/register?done=waiting", told)


def _given(fields: Fields) -> str | None:
    return addresses.clean(fields["email"]) if fields["email"].strip() else None


async def _mail(request: Request, fields: Fields) -> Response:
    outbox, options = parts.of(request, Outbox), parts.of(request, Current).known
    if not outbox.open:
        raise NotFound(NO_MAIL)
    email = await run_sync(addresses.clean, fields["email"])
    registration.check_domain(email, options.domains)
    await parts.of(request, Strangers).take(visitors.network(request))
    # Whether it is somebody's is looked up after this answer.
    url = parts.of(request, Settings).public_url
    outbox.put(partial(registration.mail, shown.board(request), url, email))
    return await run_sync(_sent, request)


def _sent(request: Request) -> Response:
    page = partial(_page, request, SENT)
    return render.answer(request, page=page, program=partial(JSONResponse, {"sent": SENT}))


def _form(mode: str) -> str:
    return "joining/registration" if mode == "approval" else "joining/address"


def _page(request: Request, told: str = "") -> Response:
    """Return the form of the way in which people register, or in words that there is none."""
    mode = parts.of(request, Current).known.registration
    refused = registration.REFUSED.get(mode, "")
    if mode == "domains" and not parts.of(request, Outbox).open:
        refused = NO_MAIL
    if told or refused or mode not in BY_THEMSELVES:
        words = {"told": told, "refused": refused}
        return render.html(request, "joining/registered.html", **words)
    return shown.form(request, _form(mode), Fields())
