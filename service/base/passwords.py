"""Passwords: the one form they are compared in, and whether somebody could guess a new one."""

import re
import threading
import unicodedata
from collections.abc import Iterable

MIN_LENGTH = 8  # code points in normal form, as the next
MAX_LENGTH = 100
# zxcvbn thinks for seconds about 72 characters that may stand for others, 0.4 s about these.
JUDGED = 32
MIN_GUESSES = 10**6  # beyond any list of common passwords, and what a throttle lets pass in years
MIN_NAME = 3  # characters; a shorter part of a name says nothing
_one_at_a_time = threading.Lock()  # zxcvbn keeps what it is told of the user in a global


def normal(password: str) -> str:
    """Return the form that is hashed: NFKC, so that every keyboard's way of writing it fits.

    NIST SP 800-63B names NFKC or NFKD; RFC 8265's NFC would tell fullwidth letters from others.
    """
    return unicodedata.normalize("NFKC", password)


def forms(password: str) -> list[str]:
    """Return the forms a stored hash may be of: until 0.3.0 a password was hashed as it came."""
    return list(dict.fromkeys((normal(password), password)))


def may_be_one(password: str) -> bool:
    """Say whether the length is that of a password, however it is written."""
    return any(1 <= len(form) <= MAX_LENGTH for form in forms(password))


def fault(password: str, about: Iterable[str] = ()) -> str | None:
    """Say what is wrong with a new password, or nothing; `about` are names easy to guess.

    Takes up to half a second: never call it on the event loop.
    """
    password = normal(password)
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters."
    return _guessable(password, _parts(about))


def _guessable(password: str, known: list[str]) -> str | None:
    from zxcvbn import zxcvbn  # noqa: PLC0415, 8 MB that only a new password needs

    with _one_at_a_time:
        judged = zxcvbn(password[:JUDGED], user_inputs=known)
    if judged["guesses"] >= MIN_GUESSES:
        return None
    named = any(match.get("dictionary_name") == "user_inputs" for match in judged["sequence"])
    why = "It holds a name." if named else judged["feedback"]["warning"]
    return " ".join(
        part
        for part in (
            "This password is easy to guess.",
            why,
            "Several unusual words make a good one.",
        )
        if part
    )


def _parts(names: Iterable[str]) -> list[str]:
    """Return names as a password may hold them: whole, written together, and word by word."""
    found: list[str] = []
    for name in (normal(each).lower() for each in names):
        words = re.findall(r"\w+", name)
        found += [name, *(between.join(words) for between in ("", " ", "-", "_", "."))]
        found += [word for word in words if len(word) >= MIN_NAME]
    return [part for part in dict.fromkeys(found) if part]
