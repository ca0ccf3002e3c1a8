"""Kinds of values that a setting can have: each makes one of its text, or says what is wrong."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from service.base import characters, numbers

DOMAIN = re.compile(r"(?:\w(?:[\w-]{0,61}\w)?\.)+\w(?:[\w-]{0,61}\w)?")


class Unusable(Exception):
    """A text is none of this kind; each argument goes on after the name of its setting."""


@dataclass(frozen=True)
class Number:
    lowest: int
    highest: int

    def __str__(self) -> str:
        return f"{self.lowest} to {self.highest}"

    def __call__(self, text: str) -> int:
        number = numbers.of(text)
        if number is None or not self.lowest <= number <= self.highest:
            raise Unusable(f"must be a whole number from {self}, not {text!r}.")
        return number


@dataclass(frozen=True)
class Choice:
    choices: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.choices)

    def __call__(self, text: str) -> str:
        for known in self.choices:
            if text.lower() == known.lower():
                return known
        raise Unusable(f"must be one of {self}, not {text!r}.")


@dataclass(frozen=True)
class Line:
    """One line that can be seen."""

    longest: int  # characters

    def __call__(self, text: str) -> str:
        line = text.strip()
        if not 1 <= len(line) <= self.longest or not line.isprintable():
            raise Unusable(f"must be one line of 1 to {self.longest} characters.")
        if not any(map(characters.is_visible, line)):
            raise Unusable("must have something to see.")
        return line


SWITCH = {"yes": True, "no": False}


def switch(text: str) -> bool:
    """Return whether something is switched on."""
    return SWITCH[Choice(tuple(SWITCH))(text)]


def domains(text: str) -> tuple[str, ...]:
    """Return domains of e-mail addresses as they are compared; an @ before them is left out."""
    found = tuple(dict.fromkeys(each.removeprefix("@").lower() for each in several(text)))
    if wrong := [each for each in found if not DOMAIN.fullmatch(each)]:
        raise Unusable(
            *(f"holds {each!r}, which is no domain such as example.org." for each in wrong)
        )
    return found


def host(text: str) -> str:
    """Return a host; an IPv6 address may stand in brackets, as it does in URLs."""
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def several(text: str) -> tuple[str, ...]:
    """Return what commas, blanks or line ends separate."""
    return tuple(text.replace(",", " ").split())


def networks(text: str) -> tuple[str, ...]:
    """Return IP addresses and networks, each as it is written."""
    found = several(text)
    if faults := [fault for each in found if (fault := _network_fault(each))]:
        raise Unusable(*faults)
    return found


def _network_fault(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return f"holds {text!r}, which is no IP address or network such as 10.0.0.0/8."
    return ""


def content(path: str, how: str = "names") -> str:
    """Return the text in a file; `how` begins what is said where it can't be read."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise Unusable(f"{how} {path}, which cannot be read: {reason}.") from None


def named_file(path: str) -> str:
    """Return the text in a file that somebody named, so there must be some."""
    if found := content(path):
        return found
    raise Unusable(f"names {path}, which is empty.")
