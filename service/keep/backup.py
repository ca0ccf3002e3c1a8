"""Write a backup: one moment of the board, page by page, while people go on writing."""

import hashlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from service import __version__
from service.base import clock, files, unreadable
from service.data import db, events
from service.data.tables import AuditEntry, Reaction, Room
from service.keep import archive, seal
from service.keep.archive import Content, Entry, Manifest
from service.keep.formats import FORMATS
from service.keep.seal import Target

PAGE = 1000  # rows in memory at once
DATED = "board-????-??-??T??????Z.zip"


def write(target: Path) -> Manifest:
    """Save the board in a new file and return what it holds.

    Raises Conflict if the file is there already, and OSError.
    """
    with files.new_file(target) as file:
        return write_to(file)


def write_to(file: Target) -> Manifest:
    """Save the board in an open file, or a pipe, and return what it holds; raise OSError."""
    with seal.sealed(file) as sealed:
        return _write_zip(sealed)


def dated(folder: Path) -> Path:
    """Return the name in a folder for a backup of this moment."""
    return folder / f"board-{clock.now():%Y-%m-%dT%H%M%SZ}.zip"


def newest_first(folder: Path) -> list[Path]:
    """Return the backups in a folder that are named by their moment, last written first.

    Raises OSError.
    """
    # Not by their names: a clock that was wrong once must not make the newest the first to go.
    found = [file for file in folder.iterdir() if file.match(DATED)]
    return sorted(found, key=_written, reverse=True)


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the last written backups in a folder; return what was deleted.

    Whatever a killed backup of before them has left unfinished goes too.
    """
    there = newest_first(folder)
    oldest_kept = _written(there[:keep][-1])
    unfinished = folder.glob(DATED + files.PARTIAL)
    old = sorted(file for file in (*there, *unfinished) if _written(file) < oldest_kept)
    for file in old:
        file.unlink()
    return old


def _written(file: Path) -> int:
    return file.stat().st_mtime_ns


def _write_zip(file: seal.Sealed) -> Manifest:
    with ZipFile(file, "w", ZIP_DEFLATED) as zipped, db.snapshot():
        db.take_time()
        written_in = format_of_schema()
        manifest = Manifest(
            format=written_in,
            board=__version__,
            made=clock.utc(clock.now()),
            seq=events.newest().seq,
            contents={e.file: _write_entry(zipped, e) for e in FORMATS[written_in]},
        )
        zipped.writestr(archive.MANIFEST, manifest.to_json())
        zipped.comment = seal.ROOM
    return manifest


def format_of_schema() -> int:
    """Return the newest format that the database has the columns of: it need not be migrated."""
    marks = ((4, Reaction), (3, AuditEntry), (2, Room))
    return next((written for written, table in marks if table.table_exists()), 1)


def _write_entry(zipped: ZipFile, entry: Entry) -> Content:
    digest, rows = hashlib.sha256(), 0
    with zipped.open(entry.file, "w", force_zip64=True) as file:  # its length is not known yet
        for page in _pages(entry):
            for values in page:
                unreadable.tell(
                    entry.name, values[0], dict(zip(entry.columns, values, strict=True))
                )
            lines = b"".join(map(entry.line, page))
            file.write(lines)
            digest.update(lines)
            rows += len(page)
    return Content(rows, digest.hexdigest())


def rows(entry: Entry) -> Iterator[tuple[Any, ...]]:
    """Yield an entry's rows as they are now, a page at a time."""
    with db.read():
        for page in _pages(entry):
            yield from page


def _pages(entry: Entry) -> Generator[list[tuple[Any, ...]]]:
    key = entry.fields[0]
    rows: Any = entry.table.select(*entry.fields).order_by(key).limit(PAGE).tuples()
    page = list(rows)
    while page:
        yield page
        page = list(rows.where(key > page[-1][0]))
