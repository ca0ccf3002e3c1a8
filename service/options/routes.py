"""The page of the options: one form, one save."""

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import audit, options, standing
from service.access.guards import ConfirmingManaging, Managing
from service.access.identity import Identity
from service.access.options import DECLARED, DUTIES, REGISTRATIONS, Current, Options
from service.base import lanes, parts
from service.base.config import DECLARED as SETTINGS
from service.base.config import Settings
from service.base.dates import LANGUAGES
from service.base.errors import Invalid
from service.data import db
from service.web import failures, render
from service.web.forms import Described, Fields, Submitted, documented

router = APIRouter()
SAVED = "The options are saved."
FIELDS: dict[str, Described] = {
    name: (False, f"{each.label}. {each.help} Empty: the default", each.schema)
    for name, each in DECLARED.items()
}
# What is set from outside, may be seen, and is no option's default.
NEED_RESTART = [
    (attribute, each)
    for attribute, each in SETTINGS.items()
    if not each.secret and attribute not in DECLARED
]


@router.get(
    "/admin/options",
    summary="Options",
    openapi_extra=documented((200, "The options as they are.")),
)
@lanes.on("reads")
def show_options(request: Request, me: Managing, done: str = "") -> Response:
    """Return what admins decide of the board."""
    parts.of(request, Current).refresh()
    return _answer(request, notice=SAVED if done else None)


@router.post(
    "/api/admin/options",
    summary="Change options",
    openapi_extra=documented(
        (200, "Changed; what was not sent stays as it is."),
        (303, "Changed; back to the page (a browser's form)."),
        (422, "A value can't be; nothing is changed."),
        **FIELDS,
    ),
)
@lanes.on("writes")
def change_options(request: Request, me: ConfirmingManaging, fields: Submitted) -> Response:
    """Change options, all that were sent or none. They work at once, without a restart."""
    try:
        _change(request, me, fields)
    except Invalid as failure:
        return _refused(request, failure, fields)
    parts.of(request, Current).refresh()
    return render.done(request, "/admin/options?done=options", _listed(request))


def _change(request: Request, me: Identity, fields: Fields) -> None:
    with db.write():
        standing.require(me, "manage")
        by, mails = audit.actor(request, me), parts.of(request, Settings).mails
        options.set_all(by, fields, mails=mails)


def _refused(request: Request, failure: Invalid, fields: Fields) -> Response:
    return render.answer(
        request,
        page=partial(_page, request, failure.status, given=fields, errors=failure.fields),
        program=partial(failures.problem, failure),
    )


def _answer(request: Request, notice: str | None) -> Response:
    return render.answer(
        request,
        page=partial(_page, request, notice=notice),
        program=lambda: JSONResponse(_listed(request)),
    )


def _listed(request: Request) -> dict[str, Any]:
    return {"options": _written(parts.of(request, Current).known)}


def _written(decided: Options) -> dict[str, str]:
    return {name: options.written(getattr(decided, name)) for name in DECLARED}


def _page(
    request: Request,
    status: int = 200,
    notice: str | None = None,
    given: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    settings = parts.of(request, Settings)
    with db.read():
        stored = options.read()
    return render.html(
        request,
        "options/options.html",
        status,
        values=_written(stored) | (given or {}),
        defaults=_written(Options().over(settings)),
        declared=DECLARED,
        registrations=REGISTRATIONS,
        duties=DUTIES,
        languages=[(code, each.name) for code, each in LANGUAGES.items()],
        need_restart=[(each, _told(getattr(settings, name))) for name, each in NEED_RESTART],
        errors=errors or {},
        notice=notice,
    )


def _told(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
