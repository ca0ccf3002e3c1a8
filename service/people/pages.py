"""The pages about one of the people, also with what is wrong."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access.identity import Identity
from service.accounts import accounts
from service.base import parts
from service.base.config import Settings
from service.base.errors import BoardError
from service.people import listing, people, shown
from service.people.listing import Person
from service.tokens import tokens
from service.web import failures, render
from service.web.render import Make


def person(
    request: Request,
    me: Identity,
    user_id: int,
    notice: str | None = None,
    failure: BoardError | None = None,
    typed: str = "",
) -> Response:
    """Return somebody's page, with the name that was typed for them."""
    found = listing.one(me, user_id)
    errors = failures.fields(failure)
    context: dict[str, Any] = {
        "person": found,
        "sessions": listing.open_sessions(me, found),
        "tokens": tokens.count(user_id) if me.may("manage") else 0,
        "roles": [(role, shown.ROLES[role], shown.MAY[role]) for role in people.people_roles()],
        "role_giver": _role_giver(request, found),
        "notice": notice,
        "typed": typed,
        "errors": errors,
        "error": failure.message if failure and not errors else None,
        "zone": me.clock,
    }
    told: Make = partial(JSONResponse, shown.as_json(found))
    if failure:
        told = partial(failures.problem, failure)
    return render.form(
        request, "people/person", partial(failures.page, request, failure, **context), told
    )


def _role_giver(request: Request, person: Person) -> str | None:
    """Return in words the provider that says somebody's role at each sign-in, if one does."""
    for provider in parts.of(request, Settings).providers:
        if provider.name == person.account.role_from and provider.role_claim:
            return provider.words
    return None


def deletion(
    request: Request, me: Identity, user_id: int, failure: BoardError | None = None
) -> Response:
    """Return the page that asks whether somebody is to be deleted."""
    context = {
        "person": listing.one(me, user_id),
        "owns_bots": accounts.owns_bots(user_id),
        "error": failure.message if failure else None,
        "notice": None,
    }
    return render.form(
        request, "people/deletion", partial(failures.page, request, failure, **context)
    )
