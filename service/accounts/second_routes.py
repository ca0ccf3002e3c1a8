"""The page of the second step, and what it sends."""

from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.access import second, visitors
from service.access.audit import Actor, Someone
from service.access.guards import WITH_PASSWORDS, MaybeSignedIn
from service.access.second_codes import SecondCodes
from service.accounts import second_step, sign_in
from service.accounts.proofs import SecondSteps
from service.accounts.second_step import Step
from service.base import lanes, parts
from service.base.errors import BoardError, Invalid, NotSignedIn, TooManyRequests
from service.web import failures, render
from service.web.forms import Submitted, documented

router = APIRouter()


@router.get(
    "/second",
    summary="Page of the second step of signing in",
    response_class=HTMLResponse,
    openapi_extra=documented((303, "No password was given of late: to the sign-in page.")),
)
@lanes.on("reads")
def second_page(request: Request) -> Response:
    try:
        step = second_step.current(request)
    except NotSignedIn:
        return render.redirect(request, "/")
    return _page(request, step)


@router.post(
    "/api/second",
    summary="Sign in: the second step",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        (200, "Signed in; the session cookie is set (htmx and programs)."),
        (303, "Signed in; on to the board (a browser's form)."),
        (401, "No right password came within the last 10 minutes."),
        (422, "The code is wrong, or was used already."),
        (429, "Too many wrong codes; see Retry-After. A recovery code works at once."),
        code=(True, "The six digits of the app, or a recovery code, which works once"),
    ),
)
async def enter(request: Request, me: MaybeSignedIn, fields: Submitted) -> Response:
    """Check a code, and begin the session that the right password asked for."""
    step = await lanes.run(request.scope, "reads", second_step.current, request)
    who = Actor(Someone(step.account.id, step.account.username), visitors.address(request))
    prove = partial(parts.of(request, SecondCodes).prove, who, fields["code"])
    try:
        with sign_in.refusals("password"):
            way = await lanes.run(request.scope, "writes", prove)
    except (Invalid, TooManyRequests) as failure:
        return await run_sync(_refused, request, step, failure, fields["code"])
    begun = await second_step.enter(request, me, step, way)
    told: dict[str, Any] = {"username": begun.name, "user_timezone": begun.zone}
    if way == "code":
        return render.done(request, "/msgs", told)
    left = (await lanes.run(request.scope, "reads", second.state, begun.user_id)).codes_left
    # Who has signed in with one should hear what that has cost.
    return render.done(
        request, "/account/second?done=recovered", told | {"recovery_codes_left": left}
    )


def _refused(request: Request, step: Step, failure: BoardError, typed: str) -> Response:
    return render.answer(
        request,
        page=partial(_page, request, step, failure, typed),
        program=partial(failures.problem, failure),
    )


def _page(
    request: Request, step: Step, failure: BoardError | None = None, typed: str = ""
) -> Response:
    context: dict[str, Any] = {
        "ways": parts.of(request, SecondSteps).templates(step.account.id),
        "username": step.account.username,
        "error": failure.message if failure else None,
        "recovering": any(letter.isalpha() for letter in typed),
    }
    return render.form(
        request, "accounts/second", partial(failures.page, request, failure, **context)
    )
