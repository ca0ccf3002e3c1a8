"""Standard output and input, for what is no text: a stream of bytes that is whole, or an error."""

import os
import stat
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO

from service.base import files
from service.base.errors import BoardError

NAME = "-"  # of either, among a command's words
BLOCK = 1024 * 1024  # bytes at once


class Unusable(BoardError):
    """Standard output or input is closed, a terminal, or ends too early."""


@contextmanager
def output() -> Generator[IO[bytes]]:
    """Yield standard output; raise OSError that names it, also where it fails at the very end."""
    if sys.stdout is None:  # its number may be another file's by now
        raise Unusable("Standard output is closed.")
    with (
        files.named("standard output"),
        open(sys.stdout.fileno(), "wb", closefd=False) as file,
    ):
        yield file
        file.flush()
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            os.fsync(file.fileno())  # some disks tell only here that they are full


@contextmanager
def whole_output() -> Generator[IO[bytes]]:
    """Yield standard output for what is worth nothing in part; raise Unusable and OSError."""
    if sys.stdout is not None and sys.stdout.isatty():
        raise Unusable("Standard output is a terminal: send it to a file, with > board.zip.")
    try:
        with output() as file:
            yield file
    except BrokenPipeError:
        raise Unusable("Standard output was closed before all of it was written.") from None


@contextmanager
def whole_input() -> Generator[IO[bytes]]:
    """Yield all of standard input, in a file of nobody else's that is gone afterwards.

    Raises Unusable, and OSError.
    """
    if sys.stdin is None:
        raise Unusable("Standard input is closed.")
    if sys.stdin.isatty():
        raise Unusable("Standard input is a terminal: take it from a file, with < board.zip.")
    with tempfile.TemporaryFile(buffering=0) as kept:
        for block in _read():
            _keep(kept, block)
        yield kept


def _read() -> Generator[bytes]:
    with (
        files.named("standard input"),
        open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as file,
    ):
        while block := file.read(BLOCK):
            yield block


def _keep(kept: IO[bytes], block: bytes) -> None:
    left = memoryview(block)
    try:
        while left:  # the last of a disk's room takes a part of it
            left = left[kept.write(left) :]
    except OSError as failure:
        raise Unusable(
            f"{failure.strerror}: {tempfile.gettempdir()}, where standard input is kept until it"
            " is verified. TMPDIR can name another folder."
        ) from None
