"""Files that appear whole under their name, or not at all."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from service.base.errors import Conflict

NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL
PARTIAL = ".partial"  # added to the name of a file that is being written


@contextmanager
def new_file(target: Path) -> Generator[IO[bytes]]:
    """Yield a file of its owner's alone that stands under its name once the block went well.

    Raises Conflict if there is one already, or one being written, and OSError.
    """
    if os.path.lexists(target):
        raise _there_already(target)
    unfinished = target.with_name(target.name + PARTIAL)
    try:
        file = os.fdopen(os.open(unfinished, NEW, 0o600), "r+b")
    except FileExistsError:
        raise Conflict(
            f"{unfinished} is being written, or was left by what was killed; then delete it."
        ) from None
    try:
        with named(str(unfinished)), file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _give_name(unfinished, target)
    except BaseException:
        unfinished.unlink()
        raise
    _sync(target.absolute().parent)


def _give_name(unfinished: Path, target: Path) -> None:
    try:
        target.hardlink_to(unfinished)  # unlike rename, it replaces nothing
    except FileExistsError:
        raise _there_already(target) from None
    except OSError:  # a file system without hard links
        unfinished.rename(target)
    else:
        unfinished.unlink()


def _there_already(target: Path) -> Conflict:
    return Conflict(f"{target} is there already; it was left as it is.")


@contextmanager
def named(name: str) -> Generator[None]:
    """Let a full disk say what it has no room for."""
    try:
        yield
    except OSError as failure:
        if failure.filename is None:
            raise OSError(failure.errno, failure.strerror, name) from None
        raise


def _sync(folder: Path) -> None:
    """Let the folder's list of names survive a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
