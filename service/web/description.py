"""What the API's description adds to the routes' own words: types, and what all may answer."""

import sys
from typing import Any

from fastapi.routing import APIRoute

from service.access.guards import Guard
from service.base.errors import MAX_BODY
from service.web import asked_for
from service.web.forms import read_fields

Answers = dict[str, Any]
ERROR = 400  # statuses from here on are failures
EVERYWHERE = {
    400: "The request can't be read.",
    429: "Too many requests; see Retry-After.",
    500: "Something went wrong.",
    503: "The board is away for a moment; see Retry-After.",
}
NO_SESSION = {401: "Not signed in, or by a token that does not work."}
NO_SESSION_PAGE = {303: "Not signed in; on to the sign-in page (a browser's page)."}
UNCONFIRMED = {
    403: "To be confirmed first at /api/confirm, not for your role, or sent by another site's page."
}
NOT_FOR_ALL = {403: "Your role or your token does not allow that."}
CHANGES = {
    403: "Your role does not allow that, or another site's page sent it.",
    413: f"A request can have {MAX_BODY // 1024} KiB.",
}
BODY = {408: "The body did not arrive in time.", 415: "The body is in no type that is read."}
NO_ID = {404: "There is nothing with this id."}
WRONG = {422: "A parameter or a field can't be taken as it is."}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
HTML: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}}
FAILURE = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}, **HTML}


def complete(description: dict[str, Any], routes: list[APIRoute]) -> None:
    """Add to each route's answers what its parameters, guard and body bring, and all types."""
    schemas = {"Problem": PROBLEM}
    description["components"] = {"schemas": schemas, "securitySchemes": asked_for.SCHEMES}
    for route in routes:
        for method in route.methods or ():
            operation = description["paths"][route.path][method.lower()]
            operation["responses"] = _answers(route, method, operation["responses"])
            operation["tags"] = [_noun(route)]
            for guard in _guards(route):
                operation["security"] = asked_for.of(guard.actions)


def name_nouns(description: dict[str, Any]) -> None:
    """Say what the nouns are about by which operations are sorted."""
    operations = [each for path in description["paths"].values() for each in path.values()]
    nouns = dict.fromkeys(each["tags"][0] for each in operations)
    description["tags"] = [
        {"name": noun, "description": sys.modules[f"service.{noun}"].__doc__} for noun in nouns
    ]


def _noun(route: APIRoute) -> str:
    """Return the folder that a route is of: service/messages/routes is of messages."""
    return route.endpoint.__module__.split(".")[1]


def _answers(route: APIRoute, method: str, own: Answers) -> Answers:
    told = set((route.openapi_extra or {}).get("responses", ()))
    kept = {status: own[status] for status in own if status in told or int(status) < ERROR}
    common = {str(status): text for status, text in _common(route, method).items()}
    answers = {status: {"description": text, "x-common": True} for status, text in common.items()}
    return {status: _typed(status, answer) for status, answer in (answers | kept).items()}


def _common(route: APIRoute, method: str) -> dict[int, str]:
    """Return the answers that a route has by its nature."""
    guards = {dependency.call for dependency in route.dependant.dependencies}
    takes_body = read_fields in guards
    takes_session = bool(_guards(route))
    parts = (
        (EVERYWHERE, True),
        (NO_SESSION, takes_session),
        (NO_SESSION_PAGE, takes_session and method == "GET"),
        (NOT_FOR_ALL, takes_session),
        (CHANGES, method == "POST"),
        (UNCONFIRMED, any(guard.fresh for guard in _guards(route))),
        (BODY, takes_body),
        (NO_ID, any(each.path_params for each in (route.dependant, *route.dependant.dependencies))),
        (WRONG, takes_body or route.dependant.query_params),
    )
    return {status: text for part, there in parts if there for status, text in part.items()}


def _guards(route: APIRoute) -> list[Guard]:
    calls = [dependency.call for dependency in route.dependant.dependencies]
    return [call for call in calls if isinstance(call, Guard)]


def _typed(status: str, answer: Answers) -> Answers:
    if int(status) >= ERROR:
        return answer | {"content": FAILURE}
    return answer
