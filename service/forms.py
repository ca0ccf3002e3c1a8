"""Bodies: a form or JSON becomes text fields; anything else a clear error."""

import json
import re
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import Request

from service.errors import Invalid, Malformed

JSON = "application/json"
NAME = re.compile(r"[a-z_]{1,50}")  # what is named otherwise is no field of ours
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Fields(dict[str, str]):
    """The fields of a body; one that was not sent is empty."""

    def __missing__(self, name: str) -> str:
        return ""


async def read_fields(request: Request) -> Fields:
    """Return the body's fields; raise Malformed or Invalid."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == JSON:
        values = _from_json(await request.body())
    elif media_type in FORMS:
        values = await _from_form(request)
    elif not await request.body():
        values = {}
    else:
        raise Malformed("Send a form, or JSON with the content type application/json.")
    values = {name: value for name, value in values.items() if NAME.fullmatch(name)}
    for name, value in values.items():
        _check(name, value)
    return Fields(values)


Submitted = Annotated[Fields, Depends(read_fields)]


async def _from_form(request: Request) -> dict[str, Any]:
    try:
        return dict(await request.form(max_files=0))
    except (UnicodeError, LookupError):
        raise Malformed("The form's text is in no encoding that is known.") from None


def _from_json(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("The body is not valid JSON.") from None
    if not isinstance(values, dict):
        raise Malformed("The body must be a JSON object.")
    return {name: str(value) if type(value) is int else value for name, value in values.items()}


def _check(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise Invalid(**{name: f"{name} must be text."})
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise Invalid(**{name: "This holds a character that can't be stored."})


def documented(*responses: tuple[int, str], **fields: tuple[bool, str]) -> dict[str, Any]:
    """Return what OpenAPI is told of a body: each field with whether it is required, and why."""
    schema = {
        "type": "object",
        "required": [name for name, (required, _) in fields.items() if required],
        "properties": {
            name: {"type": "string", "description": text} for name, (_, text) in fields.items()
        },
    }
    extra: dict[str, Any] = {
        "responses": {str(status): {"description": text} for status, text in responses}
    }
    if fields:
        content = {media: {"schema": schema} for media in (FORMS[0], JSON)}
        extra["requestBody"] = {"required": True, "content": content}
    return extra
