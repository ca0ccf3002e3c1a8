"""Secrets: whether somebody could guess or read them."""

import itertools
import os
import re
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

from service.base import providers
from service.base.addresses import postgres_parameters
from service.base.config import SETTINGS, Settings
from service.base.kept import HOW_TO_MAKE_A_KEY, key_file

IN_FILES = tuple(f"{each.name}_FILE" for each in SETTINGS if each.secret)
OTHERS = 0o077  # the bits of a file's mode that let its group and others do something
# A key of random bytes has more of both, whichever way it is written.
MIN_DISTINCT = 8  # characters
MIN_UNGUESSED = 20  # characters beside words
WORDS = re.compile(
    "secret|passwor[dt]|passwd|change|please|example|insecure|default|placeholder|replace|random"
    "|string|your|this|very|long|super|test|development|production|board|admin|key|qwerty|letmein",
    re.IGNORECASE,
)
COMMON_PASSWORD = re.compile(
    "[0-9]{1,10}|(board|postgres(ql)?|root|admin|user|test|db|database|pass|passwor[dt]|passw0rd"
    "|secret|default|example|change-?me|letmein|qwerty|abc)[0-9]{0,4}",
    re.IGNORECASE,
)


def check(environ: Mapping[str, str], settings: Settings) -> Generator[str, None, str]:
    """Find secrets that somebody could guess or read."""
    yield from _keys(settings.secret_keys)
    yield from _open_files(environ)
    yield from _password(settings.database_url)
    count = len(settings.secret_keys)
    return "1 key" if count == 1 else f"{count} keys"


def _keys(keys: tuple[str, ...]) -> Iterator[str]:
    if len(set(keys)) < len(keys):
        yield "SECRET_KEY holds the same key twice: leave one of them out."
    for place, key in enumerate(keys, 1):
        if why := _guessable(key):
            which = "the key" if len(keys) == 1 else f"key {place}"
            yield f"SECRET_KEY: {which} can be guessed, {why}: make one with `{HOW_TO_MAKE_A_KEY}`."


def _guessable(key: str) -> str | None:
    if len(set(key)) < MIN_DISTINCT:
        return f"it has only {len(set(key))} different characters"
    if _repeats(key):
        return "it repeats itself"
    if _counts(key):
        return "its characters follow one another in order"
    if len(WORDS.sub("", key)) < MIN_UNGUESSED:
        return "it is made of words that everybody tries"
    return None


def _repeats(key: str) -> bool:
    """Say whether the key is a piece of it again and again, the last time perhaps in part."""
    lengths = range(1, len(key) // 2 + 1)
    return any(key[length:] == key[:-length] for length in lengths)


def _counts(key: str) -> bool:
    steps = [abs(ord(a) - ord(b)) for a, b in itertools.pairwise(key)]
    return steps.count(1) > len(steps) / 2


def _open_files(environ: Mapping[str, str]) -> Iterator[str]:
    names = (*IN_FILES, *providers.in_files(environ))
    files = {name: environ.get(name, "").strip() for name in names}
    if key_file(environ).exists():
        files["SECRET_KEY"] = str(key_file(environ))
    for name, path in files.items():
        if path and Path(path).stat().st_mode & OTHERS and not _on_read_only_mount(path):
            yield f"{name}: {path} is open to others than its owner: run `chmod 600 {path}`."


def _on_read_only_mount(path: str) -> bool:
    # Kubernetes and Docker hand secrets to a container in this way; their mode can't be changed.
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _password(url: str) -> Iterator[str]:
    given = {} if url.startswith("sqlite") else postgres_parameters(url)
    host, password = given.get("host", ""), given.get("password", "")
    if not host or host.startswith("/"):
        return  # a file or a local socket, where the system says who is asking
    common = COMMON_PASSWORD.fullmatch(password)
    if password and (common or password.lower() == given.get("user", "").lower()):
        yield (
            "DATABASE_URL: the password can be guessed: set another with "
            "`ALTER ROLE ... PASSWORD` in PostgreSQL, and in DATABASE_URL."
        )
