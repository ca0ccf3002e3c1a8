"""What is logged while a test runs: each line is one of the schema, and tells nothing secret.

Secret is what clients of the tests send as such, and what the board makes up meanwhile.
"""

import base64
import json
import logging
import re
import secrets
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any, override
from urllib.parse import parse_qsl

import httpx2
import pytest

from service.access import recovery
from service.base.ecs import EcsFormatter
from tests import ecs

# Fields of forms and of JSON that no line may hold.
SECRET_FIELDS = re.compile(r"message|.*password|code|secret|.*token|state|client_key")
SHORTEST = 8  # characters; what is shorter may stand in a line by accident
WORDS = {"password"}  # what some people choose, and lines speak of
RANDOM = 12  # bytes that are a secret: fewer are an id's
# Names of tokens, hashes and keys, whoever has made them.
SHAPES = re.compile(r"eyJ[\w-]{20}|brd_[0-9a-f]{40}|\$argon2|-----BEGIN|session-|://\w+:[^@\s]+@")
LOGGERS = ("service", "service.security")  # a command's security lines go no further

_hidden: set[str] = set()  # of a test
_ever: set[str] = set()  # of all tests so far: servers outlive some
_lines: list[str] = []


class _Kept(logging.Handler):
    """Keeps the lines of this process."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        _lines.append(self.format(record))


@contextmanager
def watched() -> Generator[None]:
    """Fail, in the end, if a line was logged in this process meanwhile that must not be."""
    kept = _Kept()
    kept.setFormatter(EcsFormatter())
    _hidden.clear()
    _lines.clear()
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = loggers[0].level
    loggers[0].setLevel(logging.INFO)
    for logger in loggers:
        logger.addHandler(kept)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(kept)
        loggers[0].setLevel(before)
    _check(_lines, _hidden)


def check(lines: Iterable[str]) -> None:
    """Raise Wrong for the first line that is none of the schema, or tells something secret."""
    _check(lines, _ever)


def _check(lines: Iterable[str], hidden: set[str]) -> None:
    for line in dict.fromkeys(lines):
        ecs.read(line)
    everything = "\n".join(lines)
    for secret in hidden:
        if json.dumps(secret)[1:-1] in everything:
            raise ecs.Wrong(f"a line tells {secret!r}: {_telling(secret, lines)}")
    if found := SHAPES.search(everything):
        raise ecs.Wrong(f"a line tells {found[0]!r}: {_telling(found[0], lines)}")


def _telling(secret: str, lines: Iterable[str]) -> str:
    return next(line for line in lines if json.dumps(secret)[1:-1] in line)


def hide(secret: str) -> None:
    """Let no line hold this from now on, until the test is over."""
    if len(secret) >= SHORTEST and not secret.isdigit() and secret not in WORDS:
        _hidden.add(secret)
        _ever.add(secret)


def begin(patch: pytest.MonkeyPatch) -> None:
    """Hide what is made up in this process, and what its clients send."""
    for name in ("token_hex", "token_urlsafe", "token_bytes"):
        patch.setattr(secrets, name, _hiding(getattr(secrets, name)))
    patch.setattr(httpx2.Request, "__init__", _told(httpx2.Request.__init__))


def _hiding[T: (str, bytes)](make: Callable[[int], T]) -> Callable[[int], T]:
    @wraps(make)
    def made(size: int) -> T:
        found = make(size)
        if size >= RANDOM:
            for text in _written(found):
                hide(text)
        return found

    return made


def _written(found: str | bytes) -> list[str]:
    """Return how a secret is written down."""
    if isinstance(found, str):
        return [found]
    code = base64.b32encode(found).decode()
    return [recovery.grouped(code, "-"), base64.urlsafe_b64encode(found).decode().strip("=")]


def _told(init: Callable[..., None]) -> Callable[..., None]:
    @wraps(init)
    def made(self: httpx2.Request, *args: Any, **how: Any) -> None:
        init(self, *args, **how)
        content = getattr(self, "_content", b"")
        for name, value in _fields(content):
            if SECRET_FIELDS.fullmatch(name) and isinstance(value, str):
                hide(value)
        hide(self.headers.get("authorization", "").partition(" ")[2])

    return made


def _fields(content: bytes) -> list[tuple[str, Any]]:
    with suppress(UnicodeDecodeError):
        text = content.decode()
        if not text.startswith("{"):
            return parse_qsl(text)
        with suppress(ValueError):
            return list(json.loads(text).items())
    return []
