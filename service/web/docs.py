"""The API's documentation, rendered here from the OpenAPI description: no script, no CDN."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.access.guards import MaybeSignedIn
from service.base import parts
from service.base.config import Settings
from service.web import asked_for, curl, render

router = APIRouter()
LAST = ("watch", "web")  # what fewest look for


@router.get("/docs", summary="This documentation", response_class=HTMLResponse)
def docs(request: Request, me: MaybeSignedIn) -> Response:
    description = request.app.openapi()
    operations = [
        _operation(method, parts.of(request, Settings).base + path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    nouns = sorted(description["tags"], key=lambda noun: noun["name"] in LAST)
    return render.html(
        request,
        "web/docs.html",
        nouns=[
            noun | {"operations": [each for each in operations if each["noun"] == noun["name"]]}
            for noun in nouns
        ],
        origin=parts.of(request, Settings).public_origin or "http://127.0.0.1:8000",
        title=description["info"]["title"],
        version=description["info"]["version"],
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = body.get("schema", {})
    return {
        "noun": operation["tags"][0],
        "curl": curl.line(method, path, operation),
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "asked_for": asked_for.in_words(operation.get("security", [])),
        "parameters": [
            {
                "name": parameter["name"],
                "where": parameter["in"],
                "required": parameter["required"],
                "type": _type(parameter["schema"]),
                "description": parameter.get("description", ""),
            }
            for parameter in operation.get("parameters", [])
        ],
        "body": [
            {
                "name": name,
                "required": name in schema["required"],
                "type": _type(field),
                "description": field["description"],
            }
            for name, field in schema.get("properties", {}).items()
        ],
        "responses": [
            {"status": status, "description": response["description"]}
            for status, response in sorted(operation["responses"].items())
            if "x-common" not in response
        ],
    }


def _type(schema: dict[str, Any]) -> str:
    kinds = [kind["type"] for kind in schema.get("anyOf", [schema])]
    named = [name for kind in kinds for name in ([kind] if isinstance(kind, str) else kind)]
    return " or ".join(name for name in named if name != "null")
