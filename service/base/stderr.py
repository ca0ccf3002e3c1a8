"""Standard error where every line of it is an object: what is no log line becomes one."""

import io
import logging
import sys
import threading
from typing import TextIO, override

TRACEBACK = "Traceback (most recent call last):"


def real() -> TextIO:
    """Return the stream that lines go to."""
    return sys.stderr.real if isinstance(sys.stderr, Objects) else sys.stderr


def are_objects() -> bool:
    """Say whether whatever is written to standard error becomes one."""
    return isinstance(sys.stderr, Objects)


class _Waiting(threading.local):
    """What each thread has written and is not told yet: two tracebacks must not mix."""

    text = ""


class Objects(io.TextIOBase):
    """Takes what programs write for people: errors of commands, warnings, tracebacks.

    What is written at once is one object, and so is a traceback, which comes in pieces.
    """

    encoding = "utf-8"

    def __init__(self, stream: TextIO, formatter: logging.Formatter) -> None:
        self.real = stream
        self._formatter = formatter
        self._waiting = _Waiting()

    @override
    def write(self, text: str, /) -> int:
        self._waiting.text += text
        if self._waiting.text.endswith("\n") and not self._is_traceback_under_way():
            self._tell()
        return len(text)

    @override
    def flush(self) -> None:
        self._tell()
        self.real.flush()

    @override
    def fileno(self) -> int:
        return self.real.fileno()

    def _is_traceback_under_way(self) -> bool:
        """Say whether the line is still to come that says what was raised."""
        _, begun, rest = self._waiting.text.rpartition(TRACEBACK)
        return bool(begun) and rest.rstrip("\n").rpartition("\n")[2][:1] in ("", " ")

    def _tell(self) -> None:
        text, self._waiting.text = self._waiting.text.strip("\n"), ""
        if text:
            self.real.write(self._formatter.format(_record(text)) + "\n")
            self.real.flush()


def _record(text: str) -> logging.LogRecord:
    failed = TRACEBACK in text
    return logging.makeLogRecord(
        {
            "name": "stderr",
            "levelno": logging.ERROR if failed or "Error: " in text else logging.INFO,
            "levelname": "ERROR" if failed or "Error: " in text else "INFO",
            "msg": text.rpartition("\n")[2] if failed else text,
            "exc_text": text if failed else None,
        }
    )
