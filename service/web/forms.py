"""Bodies: a form or JSON, in UTF-8, becomes the text fields that its route describes."""

import codecs
import json
import re
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.requests import Request

from service.base import characters, numbers
from service.base.errors import Invalid, Malformed, UnsupportedType

Schema = dict[str, Any]
# Whether a field is required, what it is, and more of its schema than that it is text.
Described = tuple[bool, str] | tuple[bool, str, Schema]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MAX_FIELDS = 100  # in a form; ours have four at most
CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)
UTF8 = frozenset({"utf-8", "utf8"})
# In JSON a number, in a form its digits, which JSON may have too.
NUMBER: Schema = {
    "type": ["integer", "string"],
    "minimum": 0,
    "maximum": 10**numbers.MAX_DIGITS - 1,
    "pattern": f"^[0-9]{{0,{numbers.MAX_DIGITS}}}$",
}
# Of several: in JSON a list, in a form the field repeated. They come on lines of their own.
SEVERAL: Schema = {"type": ["array", "string"], "items": {"type": "string"}}

PAGES = frozenset({200, 201})  # what these bring is for programs JSON, for browsers HTML


class Fields(dict[str, str]):
    """The fields of a body; one that was not sent is empty."""

    def __missing__(self, name: str) -> str:
        return ""


async def read_fields(request: Request) -> Fields:
    """Return what was sent of the fields that the request's route describes.

    No codec is chosen by whoever sends, and a body of any other type is not read. Raise
    UnsupportedType, Malformed or Invalid.
    """
    if not _announces_body(request):
        return Fields()
    read = _reader(request)
    values = read((await request.body()).removeprefix(codecs.BOM_UTF8))
    schemas = wanted(request)
    sent = [name for name in schemas if values.get(name) is not None]
    return Fields({name: _checked(name, values[name], schemas[name]) for name in sent})


Submitted = Annotated[Fields, Depends(read_fields)]


def wanted(request: Request) -> dict[str, Schema]:
    """Return the fields that the request's route describes, none if it takes no body."""
    described = getattr(request.scope.get("route"), "openapi_extra", None) or {}
    content = described.get("requestBody", {}).get("content", {})
    return content.get(JSON, {}).get("schema", {}).get("properties", {})


def _announces_body(request: Request) -> bool:
    # In HTTP/2 neither a length nor an encoding need be told.
    names = ("content-type", "transfer-encoding")
    length = request.headers.get("content-length", "0")
    return length != "0" or any(name in request.headers for name in names)


def _reader(request: Request) -> Callable[[bytes], dict[str, Any]]:
    """Return what reads a body of the request's type; raise UnsupportedType."""
    given = request.headers.get("content-type", "")
    charsets = {charset.lower() for charset in CHARSET.findall(given)}
    read = READERS.get(given.partition(";")[0].strip().lower())
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if read is None or not charsets <= UTF8 or encoding != "identity":
        raise UnsupportedType
    return read


class _Repeated(str):
    """The last value of a form's field, and all of them."""

    all: list[str]


def _from_form(body: bytes) -> dict[str, Any]:
    if body.count(b"&") >= MAX_FIELDS:
        raise Malformed(f"A form can have {MAX_FIELDS} fields at most.")
    found: dict[str, _Repeated] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        before = found.get(_decoded(name))
        sent = found[_decoded(name)] = _Repeated(_decoded(value))
        sent.all = [*(before.all if before is not None else ()), str(sent)]
    return found


def _from_json(body: bytes) -> dict[str, Any]:
    text = _decoded(body)
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("The body is not valid JSON.") from None
    if not isinstance(values, dict):
        raise Malformed("The body must be a JSON object.")
    return values


READERS = {FORM: _from_form, JSON: _from_json}


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise Malformed("The text is not in UTF-8, the one encoding that is read here.") from None


def _checked(name: str, value: Any, schema: Schema) -> str:
    if "array" in schema["type"]:
        several = value if isinstance(value, list) else getattr(value, "all", [value])
        return "\n".join(_checked(name, each, {"type": "string"}) for each in several)
    if type(value) is int and "integer" in schema["type"]:
        return str(value)
    if not isinstance(value, str):
        raise Invalid(**{name: f"{name} must be text."})
    if not characters.can_be_stored(value):
        raise Invalid(**{name: "This holds a character that can't be stored."})
    return value


def documented(*responses: tuple[int, str], **fields: Described) -> dict[str, Any]:
    """Return what OpenAPI is told of a route's answers and of its body, if it takes one.

    A body is read by this, too: what it does not describe is passed over.
    """
    schema = {
        "type": "object",
        "required": [name for name, (required, *_) in fields.items() if required],
        "properties": {name: _schema(*field) for name, field in fields.items()},
    }
    extra: dict[str, Any] = {
        "responses": {str(status): _response(status, text) for status, text in responses}
    }
    if fields:
        content = {media: {"schema": schema} for media in (FORM, JSON)}
        extra["requestBody"] = {"required": True, "content": content}
    return extra


def _response(status: int, description: str) -> Schema:
    page = {"content": {"text/html": {"schema": {"type": "string"}}}} if status in PAGES else {}
    return {"description": description, **page}


def _schema(required: bool, description: str, more: Schema | None = None) -> Schema:
    schema = {"type": "string", "description": description, **(more or {})}
    if required:
        return schema
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return {**schema, "type": [*kinds, "null"]}  # as if it was not sent
