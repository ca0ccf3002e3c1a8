"""Where the built program starts; it also looks after the folders that its releases unpack into."""

import fcntl
import multiprocessing
import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

from service import cli

UNUSED = 24 * 3600  # seconds; an older release may be needed again right after an upgrade
IN_USE = ".in-use"  # every program folder has one, as new as its latest start


def _hold(program: Path) -> int:
    """Let no other release delete this one as long as the process lives; return what holds it."""
    held = os.open(program / IN_USE, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)
    with suppress(OSError):  # on a disk that can't be written to, nothing is deleted either
        os.utime(held)
    return held


def _delete_unused(programs: Path) -> None:
    for mark in programs.glob(f"*/{IN_USE}"):
        # It is in use by a server that runs for long, or another start has just deleted it.
        with suppress(OSError), mark.open("rb") as lock:
            if mark.stat().st_mtime > time.time() - UNUSED:
                continue
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Half a release must not stay under its name; the launcher clears away the other.
            shutil.rmtree(mark.parent.rename(programs / f"unpacking.{mark.parent.name}"))


if __name__ == "__main__":
    multiprocessing.freeze_support()
    if "ONE_FILE" in os.environ:
        program = Path(sys.executable).parent
        held = _hold(program)
        _delete_unused(program.parent)
    cli.main(prog_name="htmx-fastapi-service")
