"""The seal at the end of a file: the SHA-256 of every byte before it, in digits."""

import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO, Protocol

SIZE = 64  # bytes
ROOM = b"0" * SIZE  # what a file to be sealed must end with
BLOCK = 1024 * 1024  # bytes read at once


class Target(Protocol):
    """What is written to from beginning to end."""

    def write(self, data: bytes, /) -> int: ...
    def flush(self) -> None: ...


class Sealed:
    """Passes on what is written, but for the last bytes: the seal takes their place.

    It never seeks, nor asks where it is: what is behind it may be a pipe.
    """

    def __init__(self, behind: Target) -> None:
        self._behind = behind
        self._held = b""
        self._digest = hashlib.sha256()

    def write(self, data: bytes, /) -> int:
        both = self._held + data
        passed, self._held = both[:-SIZE], both[-SIZE:]
        self._digest.update(passed)
        self._behind.write(passed)
        return len(data)

    def flush(self) -> None:
        self._behind.flush()

    def close(self) -> None:
        """Leave what is behind it open."""

    def seal(self) -> None:
        self._behind.write(self._digest.hexdigest().encode())


@contextmanager
def sealed(file: Target) -> Generator[Sealed]:
    """Yield what is to be written to in the file's place; sealed once the block went well."""
    writer = Sealed(file)
    yield writer
    writer.seal()


def of(file: IO[bytes]) -> bytes:
    """Return the seal that a file with room for it at its end must carry, which is read next."""
    left = file.seek(0, os.SEEK_END) - SIZE
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0 and (block := file.read(min(BLOCK, left))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest().encode()
