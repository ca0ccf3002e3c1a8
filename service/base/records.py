"""What a record of the log tells, in whichever format."""

import contextvars
import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from service.base import clock

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")

# What a trace adds to the lines of what it is of, while there are traces.
beside: Callable[[], dict[str, str]] = dict

# The attributes every record has; what a record has beyond them was passed as `extra`.
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def details(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a record tells beside its words, the request's id among it."""
    told = {name: value for name, value in vars(record).items() if name not in STANDARD}
    if request_id.get():
        told.setdefault("request_id", request_id.get())
    return told | beside()


def utc(record: logging.LogRecord) -> str:
    """Return the moment of a record, in ISO 8601."""
    return clock.utc(dt.datetime.fromtimestamp(record.created, clock.UTC))
