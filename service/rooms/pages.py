"""Pages of rooms: their forms, filled or as they were sent."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.access.identity import Identity
from service.base.errors import BoardError
from service.rooms import choosing, deeds, memberships, naming, rooms
from service.rooms.making import KINDS, MOST
from service.rooms.memberships import LEVELS
from service.web import failures, render
from service.web.forms import Fields

SHOWN = 200  # members on a page
LIMITS = {"name": naming.MAX_NAME, "topic": naming.MAX_TOPIC, "people": MOST}
LEVELS_IN_WORDS = dict(
    zip(LEVELS, ("Everything that is written", "Only what mentions me", "Nothing"), strict=True)
)
# What is told of what was just done.
DONE = {
    "name": "The room has its new name.",
    "topic": "The topic is saved.",
    "level": "Saved.",
    "added": "They are in the room now.",
    "removed": "They are not in the room any more.",
    "private": "The room is private now.",
    "archived": "The room is archived: nobody can write in it.",
    "brought_back": "The room is back.",
}


def make_room(
    request: Request, failure: BoardError | None = None, typed: Fields | None = None
) -> Response:
    """Return the form of a new room."""
    return _filled(request, "rooms/new", failure, typed, kinds=KINDS)


def choose(
    request: Request,
    me: Identity,
    q: str = "",
    chosen: Sequence[str] = (),
    failure: BoardError | None = None,
) -> Response:
    """Return the page on which people are chosen for a direct message."""
    people, more = choosing.people(me.user_id, q, chosen)
    told = {"people": people, "more": more, "q": q, "chosen": chosen}
    return _filled(request, "rooms/direct", failure, None, **told)


def browse(request: Request, me: Identity) -> Response:
    """Return the open rooms, with those that one is in."""
    found = [each for each in rooms.listed(me) if each.kind == "open"]
    return render.html(request, "rooms/open.html", rooms=found)


def details(
    request: Request,
    me: Identity,
    slug: str,
    failure: BoardError | None = None,
    typed: Fields | None = None,
) -> Response:
    """Return all about a room, and what one may do with it; raise NotFound."""
    room = rooms.find(me, slug)
    inside = memberships.inside(me, slug)
    asked = request.query_params
    may = deeds.allowed(room, me.user_id, me.may)
    chosen = typed["to"].split("\n") if typed and typed["to"] else asked.getlist("to")
    people, more = (
        choosing.people(me.user_id, asked.get("q", ""), chosen, room.place.id)
        if "add" in may
        else ([], False)
    )
    return _filled(
        request,
        "rooms/details",
        failure,
        typed,
        room=room,
        inside=inside[:SHOWN],
        count=len(inside),
        may=may,
        leaves=deeds.leaves(room),
        levels=LEVELS_IN_WORDS,
        people=people,
        more=more,
        q=asked.get("q", ""),
        chosen=chosen,
        notice=DONE.get(asked.get("done", "")),
    )


def _filled(
    request: Request,
    name: str,
    failure: BoardError | None,
    typed: Fields | None,
    **context: Any,
) -> Response:
    context |= {"typed": typed or Fields(), "errors": failures.fields(failure), "most": LIMITS}
    return failures.page(request, failure, f"{name}.html", **context)


def refused(request: Request, failure: BoardError, page: Any) -> Response:
    """Answer what can't be taken as it is: with the form, or to a program in JSON."""
    return render.answer(request, page=page, program=partial(failures.problem, failure))
