"""The audit log's page, and the same as a table for spreadsheets."""

import datetime as dt
from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from service.access.actions import ACTIONS
from service.access.guards import Managing
from service.access.identity import Identity
from service.audit import audit, shown
from service.audit.audit import Page, Wanted
from service.base import clock, lanes, numbers
from service.base.errors import Invalid
from service.web import failures, render
from service.web.forms import documented

router = APIRouter()
YEARS = range(1970, 9000)
ANSWERS = documented((200, "Entries, the newest first."), (422, "A filter can't be read."))


class Csv(StreamingResponse):
    media_type = "text/csv"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What entries are asked for, as it is written in an address."""

    person: Annotated[str, Query(description="Who did it, or to whom it was done")] = ""
    action: Annotated[str, Query(description="What was done, by its name")] = ""
    since: Annotated[str, Query(description="From this day on, in your time zone")] = ""
    until: Annotated[str, Query(description="To this day")] = ""


Asked = Annotated[Filters, Depends(Filters)]


@router.get("/admin/audit", summary="Audit log", openapi_extra=ANSWERS)
@lanes.on("reads")
def show_log(request: Request, me: Managing, asked: Asked, before: str = "") -> Response:
    """Return who did what, the newest 50 of those below the id `before`."""
    try:
        page = audit.newest(_wanted(asked, me.zone), _id(before))
    except Invalid as failure:
        return _answer(request, me, asked, Page([], None), failure)
    return _answer(request, me, asked, page)


@router.get(
    "/admin/audit.csv",
    summary="Audit log as a table",
    response_class=Csv,
    openapi_extra=ANSWERS,
)
@lanes.on("reads")
def download_log(request: Request, me: Managing, asked: Asked) -> Response:
    """Return all entries that the filters leave, as CSV."""
    rows = shown.as_csv(audit.every(_wanted(asked, me.zone)), me.zone)
    named = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Csv(rows, headers=named)


def _wanted(asked: Filters, zone: str) -> Wanted:
    """Return what entries are meant; raise Invalid."""
    moments, faults = {}, {}
    for name, text, more in (("since", asked.since, 0), ("until", asked.until, 1)):
        try:
            moments[name] = _midnight(text.strip(), more, zone)
        except ValueError:
            faults[name] = "Write a day as 2026-11-28."
    if faults:
        raise Invalid(**faults)
    return Wanted(person=asked.person.strip(), action=asked.action, **moments)


def _midnight(text: str, days_later: int, zone: str) -> dt.datetime | None:
    """Return when a day begins, or a later one; None for no text. Raises ValueError."""
    if not text:
        return None
    day = dt.date.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError
    return clock.day_start(day + dt.timedelta(days=days_later), zone)


def _id(text: str) -> int | None:
    number = numbers.of(text) if text else None
    if text and number is None:
        raise Invalid(before="before must be the id of an entry.")
    return number


def _answer(
    request: Request, me: Identity, asked: Filters, page: Page, fault: Invalid | None = None
) -> Response:
    given = asdict(asked)
    context: dict[str, Any] = {
        "entries": page.entries,
        "given": given,
        "actions": sorted(ACTIONS.items(), key=lambda item: item[1]),
        "errors": fault.fields if fault else {},
        "zone": me.clock,
        "filters": urlencode({name: text for name, text in given.items() if text}),
        "before": page.before,
        "notice": None,
    }
    status = fault.status if fault else 200
    html = partial(_html, request, status, context)
    listed = {"entries": list(map(audit.as_json, page.entries)), "before": page.before}
    return render.answer(
        request,
        page=partial(html, "audit/log.html"),
        fragment=partial(html, "audit/_log.html"),
        program=partial(failures.problem, fault) if fault else partial(JSONResponse, listed),
    )


def _html(request: Request, status: int, context: dict[str, Any], template: str) -> HTMLResponse:
    return HTMLResponse(render.text(request, template, **context), status)
