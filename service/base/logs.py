"""Logging: one line per record, for people or as JSON, with the request's id and no secrets."""

import asyncio
import datetime as dt
import json
import logging
import logging.config
import sys
from functools import lru_cache
from typing import Any, override

from service.base import characters, clock, stderr
from service.base.records import details, utc

# What no line of ours tells need not be found out for each (the logging HOWTO's "Optimization").
NEVER_TOLD = ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks")
vars(logging).update(dict.fromkeys(NEVER_TOLD, False))


def _word(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or '"' in text else text


@lru_cache(1)
def _second(timestamp: int) -> tuple[str, str]:
    """Return a second as day and time here, and the offset: most lines share one with others."""
    text = dt.datetime.fromtimestamp(timestamp, clock.UTC).astimezone().isoformat()
    return text[:19], text[19:]


class HumanFormatter(logging.Formatter):
    """`2026-11-22T14:05:09.123+01:00 INFO service.access GET /msgs status=200 …`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """Return day, time and the machine's own offset, so that logs can be laid side by side."""
        day_and_time, offset = _second(int(record.created))
        return f"{day_and_time}.{int(record.msecs):03}{offset}"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, logging's own name
        more = " ".join(f"{name}={_word(value)}" for name, value in details(record).items())
        line = f"{super().formatMessage(record)} {more}".rstrip()
        # One record, one line: input can write no lines, nor speak to a terminal.
        return characters.printable(line)


class JsonFormatter(logging.Formatter):
    """One JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": utc(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **details(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


class Lines(logging.StreamHandler):
    """Writes what one turn of the event loop tells at once, in its order, all else as it comes.

    Each write lets go of the interpreter: to get it back costs a busy server more than the line.
    """

    def __init__(self) -> None:
        super().__init__(stderr.real())
        self._waiting: list[str] = []
        self._told: asyncio.AbstractEventLoop | None = None  # that it is to call flush

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._waiting.append(self.format(record) + self.terminator)
            loop = _running_loop()
            if loop is None or record.levelno > logging.INFO:
                self.flush()
            elif loop is not self._told:
                self._told = loop
                loop.call_soon(self.flush)
        except Exception:
            self.handleError(record)

    @override
    def flush(self) -> None:
        self.acquire()  # a thread may tell something meanwhile
        try:
            lines, self._waiting, self._told = "".join(self._waiting), [], None
            if lines:
                self.stream.write(lines)
                super().flush()
        finally:
            self.release()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def handler(log_format: str) -> logging.Handler:
    """Return what writes lines as a server does to standard error, for a command without a log."""
    made = logging.StreamHandler(stderr.real())
    made.setFormatter(_formatter(log_format)())
    return made


def _formatter(log_format: str) -> type[logging.Formatter]:
    if log_format == "ecs":
        from service.base.ecs import EcsFormatter  # noqa: PLC0415, most boards need none of it

        return EcsFormatter
    return JsonFormatter if log_format == "json" else HumanFormatter


def let_all_be_lines(log_format: str) -> None:
    """Let whatever is written to standard error be a line of the log, if all lines are objects.

    At a terminal there is somebody who reads what a command says.
    """
    if log_format == "ecs" and not (stderr.are_objects() or sys.stderr.isatty()):
        sys.stderr = stderr.Objects(sys.stderr, _formatter(log_format)())


def config(log_format: str, level: str) -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`, and for Granian's workers."""
    quiet = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": _formatter(log_format)}},
        "handlers": {"out": {"()": Lines, "formatter": "line"}},
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
