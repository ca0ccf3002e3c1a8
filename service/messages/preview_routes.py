"""A message as it will look, before it is sent."""

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access.guards import Writing
from service.base import lanes
from service.base.errors import Invalid
from service.messages import pages, sent, writing
from service.messages.writing_routes import kept_composer
from service.rooms import rooms, routing
from service.rooms.routing import InRoom
from service.web import markup, render
from service.web.forms import Submitted, documented

router = APIRouter()


@routing.post(
    router,
    "/preview",
    summary="See how a message will look",
    openapi_extra=documented(
        (200, "The text as HTML."),
        (422, "The text is empty or too long."),
        message=sent.TEXT,
        client_key=(False, "The key of the form, which goes on with it"),
    ),
)
@lanes.on("reads")
def preview(request: Request, me: Writing, slug: InRoom, fields: Submitted) -> Response:
    """Return a text as HTML, as pages show it; nothing is posted."""
    try:
        text = writing.clean_text(fields["message"])
    except Invalid as failure:
        return kept_composer(request, me, slug, fields, failure)
    room = rooms.find(me, slug)
    form = pages.kept(fields) | {"preview": text}
    return render.answer(
        request,
        page=partial(pages.with_composer, request, me, room, form),
        fragment=partial(render.html, request, "messages/_preview.html", preview=text),
        program=partial(JSONResponse, {"html": markup.shown(text)}),
    )
