"""Read a backup that was saved: nothing of it is believed before all of it is verified."""

import hashlib
import json
import struct
import zlib
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from service.base.errors import BoardError
from service.data.tables import BOARD, Event, Room
from service.keep import archive, formats, seal
from service.keep.archive import Content, Damaged, Entry, Manifest
from service.keep.formats import FORMATS
from service.keep.keys import Keys
from service.keep.kinds import BIG_SERIAL, Moment, Number, Text

# What reading a zip or JSON that somebody forged may raise.
UNREADABLE = (
    *(BadZipFile, zlib.error, struct.error, EOFError),
    *(ValueError, LookupError, TypeError, AttributeError, RuntimeError, ArithmeticError),
)
ENCRYPTED = 0x1  # a bit of the flags in a zip


class TooNew(BoardError):
    """The backup was made by a release that writes another format."""


@dataclass(frozen=True)
class Backup:
    """An open backup file; whoever reads its rows to the end has verified them."""

    name: str
    zipped: ZipFile
    manifest: Manifest

    def rows(self, entry: Entry) -> Generator[dict[str, Any]]:
        """Yield an entry's rows, in the order of their keys; raise Damaged."""
        try:
            yield from _rows(self.zipped, entry, self.manifest.contents[entry.file])
        except UNREADABLE as failure:
            raise Damaged(f"{self.name} is damaged: {failure}.") from None


@contextmanager
def opened(path: Path) -> Generator[Backup]:
    """Yield the backup once all of it is verified; raise Damaged, TooNew or OSError."""
    with sealed(path) as file:
        yield verified(str(path), file)


@contextmanager
def sealed(path: Path) -> Generator[IO[bytes]]:
    """Yield a backup's file, to be read from anywhere, once its seal is verified.

    Raises Damaged and OSError.
    """
    if path.is_fifo():  # it would be waited for
        raise Damaged(f"{path} is a pipe: give it to standard input, with restore - < {path}")
    with path.open("rb") as file:
        if not path.is_file():
            raise _no_backup(str(path))
        _check_seal(str(path), file)
        yield file


def verified(name: str, file: IO[bytes]) -> Backup:
    """Return the backup in an open file once all of it is verified; raise Damaged or TooNew.

    `name` is what its user calls it, at the beginning of a sentence.
    """
    _check_seal(name, file)
    backup = _unzipped(name, file)
    with closing(Keys()) as keys:
        for entry in FORMATS[backup.manifest.format]:
            _verify(backup, entry, keys)
    return backup


def _check_seal(name: str, file: IO[bytes]) -> None:
    if seal.of(file) != file.read(seal.SIZE):
        raise _no_backup(name)


def _no_backup(name: str) -> Damaged:
    return Damaged(f"{name} is no backup, or it was damaged or cut short.")


def _unzipped(name: str, file: IO[bytes]) -> Backup:
    try:
        zipped = ZipFile(file)
        return Backup(name, zipped, _manifest(zipped, name))
    except UNREADABLE as failure:
        raise Damaged(f"{name} is damaged: {failure}.") from None


def _manifest(zipped: ZipFile, name: str) -> Manifest:
    for each in zipped.infolist():
        if each.compress_type != ZIP_DEFLATED or each.flag_bits & ENCRYPTED:
            raise ValueError("it is not compressed as a backup is, or it is encrypted")
    _check_size(zipped)
    with zipped.open(archive.MANIFEST) as file:
        found = json.loads(file.read(archive.MAX_LINE))
    written_in = _number(found["format"])
    if written_in > formats.NEWEST:
        raise TooNew(f"{name} was made by a newer release: install that one, then restore.")
    names = [entry.file for entry in FORMATS[written_in]]
    if zipped.namelist() != [*names, archive.MANIFEST] or list(found["contents"]) != names:
        raise ValueError("it does not hold the files that it should")
    contents = {
        entry: Content(_number(each["rows"]), str(each["sha256"]))
        for entry, each in found["contents"].items()
    }
    board, made = Text(50).read(found["board"]), found["made"]
    Moment().read(made)
    return Manifest(written_in, board, made, _number(found["seq"]), contents)


def _check_size(zipped: ZipFile) -> None:
    """Raise ValueError for what would fill a disk; no more than it says is ever unpacked."""
    unpacked = sum(each.file_size for each in zipped.infolist())
    packed = sum(each.compress_size for each in zipped.infolist())
    if unpacked > archive.MAX_RATIO * packed:
        raise ValueError(f"{packed:,} bytes would be unpacked to {unpacked:,}, as no board's are")


def _verify(backup: Backup, entry: Entry, keys: Keys) -> None:
    first = last = 0
    try:
        for row in keys.checked(entry.table, list(entry.columns), backup.rows(entry)):
            last = row[entry.key]
            first = first or last
    except ValueError as failure:
        raise Damaged(f"{backup.name} holds rows that don't fit together: {failure}.") from None
    if entry.table is Room and first != BOARD:
        raise Damaged(f"{backup.name} is damaged: it does not hold the first room.")
    if entry.table is Event and last > backup.manifest.seq:
        raise Damaged(f"{backup.name} is damaged: it holds more events than it counts.")


def _number(value: Any) -> int:
    return Number(BIG_SERIAL).read(value)


def _rows(zipped: ZipFile, entry: Entry, expected: Content) -> Generator[dict[str, Any]]:
    digest, last, number = hashlib.sha256(), -1, 0
    numbered = isinstance(entry.columns[entry.key], Number)  # texts are in a database's own order
    with zipped.open(entry.file) as file:
        while line := file.readline(archive.MAX_LINE):
            digest.update(line)
            number += 1
            row = _row(entry, line, number)
            if numbered and row[entry.key] <= last:
                raise ValueError(f"line {number} of {entry.file} is out of order")
            last = row[entry.key]
            yield row
    if Content(number, digest.hexdigest()) != expected:
        raise ValueError(f"{entry.file} is not what the manifest says")


def _row(entry: Entry, line: bytes, number: int) -> dict[str, Any]:
    try:
        return entry.row(line)
    except (ValueError, RecursionError, ArithmeticError) as failure:
        raise ValueError(f"line {number} of {entry.file}: {failure}") from None
