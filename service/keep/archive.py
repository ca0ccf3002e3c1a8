"""How a backup is written: its rows, its manifest, and the seal.

It is a zip of one file per table, a JSON object per line, and a manifest at its end. The comment of
the zip is its seal: whatever was changed or lost, it shows.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from service.base.errors import BoardError
from service.data.tables import Table
from service.keep.kinds import Kind

MANIFEST = "manifest.json"
MAX_LINE = 64 * 1024  # bytes of a row, line end included; the longest is some 4,000
MAX_RATIO = 400  # of what is unpacked to what is packed; a board of one text repeated reaches 230


@dataclass(frozen=True)
class Entry:
    """The rows of one table; `columns` begins with its key."""

    table: type[Table]
    columns: dict[str, Kind]
    rule: Callable[[dict[str, Any]], None] = lambda _: None  # raises ValueError

    @property
    def name(self) -> str:
        return self.table._meta.table_name

    @property
    def file(self) -> str:
        return f"{self.name}.jsonl"

    @property
    def key(self) -> str:
        return next(iter(self.columns))

    @property
    def fields(self) -> list[Any]:
        return [self.table._meta.columns[name] for name in self.columns]

    def line(self, values: tuple[Any, ...]) -> bytes:
        """Return a row as it is written."""
        written = {
            name: kind.write(value)
            for (name, kind), value in zip(self.columns.items(), values, strict=True)
        }
        return json.dumps(written, ensure_ascii=False).encode() + b"\n"

    def row(self, line: bytes) -> dict[str, Any]:
        """Return what a line says, by column; raise ValueError."""
        found = json.loads(line)
        if not isinstance(found, dict) or list(found) != list(self.columns):
            raise ValueError(f"does not say {', '.join(self.columns)}")
        row = {name: self._value(name, found[name]) for name in self.columns}
        self.rule(row)
        return row

    def _value(self, name: str, value: Any) -> Any:
        try:
            return self.columns[name].read(value)
        except ValueError as failure:
            raise ValueError(f"{name} {failure}") from None


@dataclass(frozen=True)
class Content:
    """What a file of the zip must prove to hold."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Which board was saved, by which release, and what it held; `seq` is its newest event."""

    format: int
    board: str
    made: str
    seq: int
    contents: dict[str, Content]

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=2).encode() + b"\n"

    @property
    def summary(self) -> str:
        """Return the counts in words."""
        counts = (
            f"{rows:,} {name.removesuffix('s') if rows == 1 else name}"
            for name in ("users", "messages", "events")
            for rows in [self.contents[f"{name}.jsonl"].rows]
        )
        return "{}, {} and {}".format(*counts)


class Damaged(BoardError):
    """The file is no backup that could be restored whole."""


class Saved(Protocol):
    """A backup to be read; whoever reads an entry's rows to the end has verified them."""

    @property
    def name(self) -> str: ...
    @property
    def manifest(self) -> Manifest: ...
    def rows(self, entry: Entry) -> Iterator[dict[str, Any]]:
        """Yield an entry's rows by column, in the order of their keys; raise Damaged."""
        ...
