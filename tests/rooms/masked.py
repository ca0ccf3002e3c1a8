"""What somebody was sent, without what is random, and where two of that begin to differ."""

import io
import re
import zipfile

import httpx2

from service.rooms.making import LETTERS, SLUG

RANDOM = (
    re.compile(r"(?<=request_id\":\")[^\"]+"),
    re.compile(r"(?<=data-request=\")[^\"]+|(?<=add the number <code>)[^<]+"),
    re.compile(r"(?<=name=\"client_key\" value=\")[^\"]+"),
    re.compile(r"board-session-[0-9a-f]+=[^;]+"),
    re.compile(r"\b[0-9a-f]{32}\b"),  # a session's
    # Of the rooms that Charlie makes.
    re.compile(rf"(?<=/rooms/)[{LETTERS}]{{{SLUG}}}\b"),
    re.compile(rf"(?:(?<=slug\":)|(?<=room\":)) ?\"[{LETTERS}]{{{SLUG}}}\""),
)
CURSOR = re.compile(r"\b[0-9a-f]{8}\.[\w-]{22}(?![\w-])")
HEADERS = {"x-request-id", "date"}


class Masked:
    """What somebody was sent: random things masked, a cursor by when it came first.

    The board's own address, `home`, is masked, too.
    """

    def __init__(self, home: str) -> None:
        self.seen: list[object] = []
        self._home = home
        self._cursors: dict[str, str] = {}

    def take(self, what: str, answer: httpx2.Response) -> None:
        text = _unpacked(answer.content) if answer.content.startswith(b"PK") else answer.text
        self.seen.append((what, answer.status_code, self.headers(answer), self.text(text)))

    def headers(self, answer: httpx2.Response) -> list[tuple[str, str]]:
        named = [(name.lower(), text) for name, text in answer.headers.multi_items()]
        return [(name, self.text(text)) for name, text in named if name not in HEADERS]

    def text(self, text: str) -> str:
        text = text.replace(self._home, "…")
        for pattern in RANDOM:
            text = pattern.sub("…", text)
        return CURSOR.sub(self._cursor, text)

    def _cursor(self, found: re.Match[str]) -> str:
        return self._cursors.setdefault(found[0], f"cursor {len(self._cursors) + 1}")


def _unpacked(packed: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        return "\n".join(f"{name}\n{files.read(name).decode()}" for name in files.namelist())


def first_difference(one: object, other: object) -> str:
    """Return where two begin to differ, to be read by whoever has to mend it."""
    first, second = str(one), str(other)
    pairs = enumerate(zip(first, second, strict=False))
    place = next((at for at, (a, b) in pairs if a != b), min(len(first), len(second)))
    return f"{first[max(0, place - 300) : place + 100]}\n…{second[place : place + 100]}"
