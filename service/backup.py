"""Write a backup: one moment of the board, page by page, while people go on writing."""

import hashlib
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from service import __version__, archive, clock, db, events, files, unreadable
from service.archive import Content, Entry, Manifest

PAGE = 1000  # rows in memory at once
DATED = "board-????-??-??T??????Z.zip"


def write(target: Path) -> Manifest:
    """Save the board in a new file and return what it holds.

    Raises Conflict if the file is there already, and OSError.
    """
    with files.new_file(target) as file:
        manifest = _write_zip(file)
        _seal(file)
    return manifest


def dated(folder: Path) -> Path:
    """Return the name in a folder for a backup of this moment."""
    return folder / f"board-{clock.now():%Y-%m-%dT%H%M%SZ}.zip"


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the last written backups in a folder; return what was deleted.

    Whatever a killed backup of before them has left unfinished goes too.
    """
    # Not by their names: a clock that was wrong once must not make the newest the first to go.
    kept = sorted(folder.glob(DATED), key=_written)[-keep:]
    unfinished = folder.glob(DATED + files.PARTIAL)
    old = sorted(
        file for file in (*folder.glob(DATED), *unfinished) if _written(file) < _written(kept[0])
    )
    for file in old:
        file.unlink()
    return old


def _written(file: Path) -> int:
    return file.stat().st_mtime_ns


def _write_zip(file: IO[bytes]) -> Manifest:
    with ZipFile(file, "w", ZIP_DEFLATED) as zipped, db.snapshot():
        manifest = Manifest(
            board=__version__,
            made=clock.utc(clock.now()),
            seq=events.newest().seq,
            contents={entry.file: _write_entry(zipped, entry) for entry in archive.ENTRIES},
        )
        zipped.writestr(archive.MANIFEST, manifest.to_json())
        zipped.comment = b"0" * archive.SEAL  # room for it
    return manifest


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


def _seal(file: IO[bytes]) -> None:
    seal = archive.seal_of(file)
    file.seek(-archive.SEAL, os.SEEK_END)
    file.write(seal)
