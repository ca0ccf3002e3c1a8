"""Log lines by the Elastic Common Schema: an object each, its fields by their dotted names.

https://www.elastic.co/docs/reference/ecs names the fields. What it has none for is `board.<name>`.
"""

import ipaddress
import json
import logging
import os
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, override

from service import __version__
from service.base import records

VERSION = "9.4.0"
MILLISECOND = 1_000_000  # nanoseconds
FAILED = 400  # and what is above: statuses of answers
ACCESS, SECURITY = "service.access", "service.security"

# What our own lines tell beside their words, and what the schema calls it.
FIELDS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "status": ("http.response.status_code", int),
    "milliseconds": ("event.duration", lambda taken: round(taken * MILLISECOND)),
    "user_id": ("user.id", str),
    "username": ("user.name", str),
    "target_id": ("user.target.id", str),
    "target": ("user.target.name", str),
    "client": ("client.address", str),
    "request_id": ("http.request.id", str),
    "trace_id": ("trace.id", str),
    "span_id": ("span.id", str),
    "uid": ("process.real_user.id", str),
}
# The lines of `service.security`: what they are about, by their first word, and what was done.
CATEGORIES = {
    **dict.fromkeys(
        ("signed", "sign-in", "logout", "current", "second", "provider"), "authentication"
    ),
    **dict.fromkeys(("user", "bot", "identity", "invite", "reset", "token", "passkey"), "iam"),
    **dict.fromkeys(("password", "email", "role", "room"), "iam"),
    **dict.fromkeys(("session", "sessions", "a"), "session"),
    "option": "configuration",
    "backup": "database",
    "message": "web",
    "cross-origin": "web",
}
TYPES = {
    "authentication": {"in": "start"},
    "iam": {
        **dict.fromkeys(("added", "made", "registered", "linked", "offered"), "creation"),
        **dict.fromkeys(("removed", "revoked", "deleted", "unlinked"), "deletion"),
        **dict.fromkeys(("renamed", "role", "changed", "disabled", "enabled", "owner"), "change"),
        **dict.fromkeys(("private", "archived", "brought_back"), "change"),
    },
    "session": {"ended": "end"},
    "configuration": {"changed": "change"},
    "database": {"restored": "change"},
    "web": {},
}
GONE_WRONG = frozenset({"passkey.refused", "second.locked", "backup.broken"})

_encode = json.JSONEncoder(default=str, separators=(",", ":")).encode


class EcsFormatter(logging.Formatter):
    """One object per record; the board has the name that its traces have."""

    def __init__(self) -> None:
        super().__init__()
        self._name = os.environ.get("OTEL_SERVICE_NAME") or "board"

    @override
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "@timestamp": records.utc(record),
            "log.level": record.levelname.lower(),
            "message": record.getMessage(),
            "ecs.version": VERSION,
            "log.logger": record.name,
            "event.kind": "event",
            "process.pid": os.getpid(),
            "service.name": self._name,
            "service.version": __version__,
            **_event(record),
        }
        for name, value in records.details(record).items():
            if value not in (None, "", "-"):
                _add(entry, name, value)
        if record.exc_info or record.exc_text:
            entry |= _error(record, self)
        return _strict(entry)


def _event(record: logging.LogRecord) -> dict[str, Any]:
    if record.name == ACCESS and hasattr(record, "milliseconds"):
        return _request(record)
    if record.name == SECURITY:
        return _deed(str(record.msg), record.levelno > logging.INFO)
    return {"event.dataset": "board.log"}


def _request(record: logging.LogRecord) -> dict[str, Any]:
    """Return what an access line tells.

    Its path is the route's: what stands in for its variables may be anything that somebody types.
    """
    method, route = record.args if isinstance(record.args, tuple) else ("", "-")
    status = vars(record)["status"]
    return {
        "event.dataset": "board.access",
        "event.category": ["web"],
        "event.type": ["access"],
        "event.outcome": "success" if 0 < status < FAILED else "failure",
        "http.request.method": method,
        **({"url.path": route} if route != "-" else {}),
    }


@lru_cache(256)
def _deed(words: str, warned: bool) -> dict[str, Any]:
    """Return what a security line tells, of an action or, if `warned`, of what was refused."""
    action = words.partition(":")[0]
    first, last = re.split(r"[. ]", action)[0], re.split(r"[. ]", action)[-1]
    # Of proofs that failed the line tells as of sign-ins.
    category = (
        "authentication" if warned and first in ("token", "passkey") else CATEGORIES.get(first)
    )
    told: dict[str, Any] = {
        "event.dataset": "board.audit",
        "event.action": action,
        "event.outcome": "failure" if warned or action in GONE_WRONG else "success",
    }
    if category:
        told["event.category"] = [category]
        told["event.type"] = [TYPES[category].get(last, "info")]
    return told


def _add(entry: dict[str, Any], name: str, value: object) -> None:
    field, kind = FIELDS.get(name) or (f"board.{name}", _plain)
    entry[field] = kind(value)
    if name == "client":
        if _is_ip(str(value)):
            entry["client.ip"] = value
    elif name == "request_id":
        entry.setdefault("trace.id", value)


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, float)) else str(value)


@lru_cache(1024)
def _is_ip(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def _error(record: logging.LogRecord, formatter: logging.Formatter) -> dict[str, str]:
    """Return what went wrong, with the lines that it passed through, and none of their values."""
    text = record.exc_text or (record.exc_info and formatter.formatException(record.exc_info))
    told = {"error.stack_trace": text or ""}
    if record.exc_info and (failure := record.exc_info[1]) is not None:
        told |= {"error.type": type(failure).__name__, "error.message": str(failure)}
    return told


def _strict(entry: dict[str, Any]) -> str:
    """Return an object that every parser takes: half of a surrogate pair is no character."""
    line = _encode(entry)
    if "\\ud" not in line:
        return line
    return _encode({name: _whole(value) for name, value in entry.items()})


def _whole(value: object) -> object:
    if not isinstance(value, str):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
