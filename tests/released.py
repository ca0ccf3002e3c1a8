"""Releases of the board from the history, to be served beside this checkout."""

import io
import subprocess
import tarfile
from pathlib import Path

from tests.servers import PROJECT

PARTS = ("service", "templates", "static")


def unpack(revision: str, folder: Path) -> None:
    """Put a release into a folder; raise ValueError if the history here does not have it."""
    command = ["git", "archive", "--end-of-options", revision, *PARTS]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.decode().strip())
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as packed:
        packed.extractall(folder, filter="data")
