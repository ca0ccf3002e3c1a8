"""Logging: one line per record, for people or as JSON, with the request's id and no secrets."""

import contextvars
import json
import logging
import logging.config
from typing import Any

from service import characters, clock

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")

# The attributes every record has; what a record has beyond them was passed as `extra`.
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def _details(record: logging.LogRecord) -> dict[str, Any]:
    details = {name: value for name, value in vars(record).items() if name not in STANDARD}
    if request_id.get():
        details.setdefault("request_id", request_id.get())
    return details


def _word(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or '"' in text else text


class HumanFormatter(logging.Formatter):
    """`14:05:09 INFO service.access GET /msgs status=200 milliseconds=3.1 …`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, logging's own name
        details = " ".join(f"{name}={_word(value)}" for name, value in _details(record).items())
        line = f"{super().formatMessage(record)} {details}".rstrip()
        # One record, one line: input can write no lines, nor speak to a terminal.
        return characters.printable(line)


class JsonFormatter(logging.Formatter):
    """One JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": clock.utc(clock.now()),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_details(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def config(log_format: str, level: str) -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`, and for Granian's workers."""
    formatter = JsonFormatter if log_format == "json" else HumanFormatter
    quiet = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {
            "_granian": quiet,
            "granian.access": quiet,
            # It tells of everything that a reader who has just left does not get any more.
            "_granian.asgi.io": {"level": "WARNING"},
            # Every step of a migration is told by the command that runs it.
            "peewee": {"level": "WARNING"},
        },
    }


def configure(log_format: str, level: str) -> None:
    """Send every logger's records to standard error in one format."""
    logging.config.dictConfig(config(log_format, level))
