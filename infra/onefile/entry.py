"""Where the built program starts; it also looks after the folders that its releases unpack into."""

import fcntl
import multiprocessing
import os
import shutil
import sys
import time
from pathlib import Path

from service import cli

UNUSED = 24 * 3600  # seconds; an older release may be needed again right after an upgrade
IN_USE = ".in-use"  # every program folder has one, as new as its latest start


def _hold(program: Path) -> int:
    """Let no other release delete this one as long as the process lives; return what holds it."""
    held = os.open(program / IN_USE, os.O_WRONLY)
    fcntl.flock(held, fcntl.LOCK_SH)
    os.utime(held)
    return held


def _delete_unused(programs: Path) -> None:
    for mark in programs.glob(f"*/{IN_USE}"):
        if mark.stat().st_mtime > time.time() - UNUSED:
            continue
        with mark.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # a server that runs for long
            shutil.rmtree(mark.parent, ignore_errors=True)


if __name__ == "__main__":
    multiprocessing.freeze_support()
    if "ONE_FILE" in os.environ:
        program = Path(sys.executable).parent
        held = _hold(program)
        _delete_unused(program.parent)
    cli.main(prog_name="htmx-fastapi-service")
