"""Builds of the one file: made, and known again."""

import json
import os
import subprocess
import sys
from pathlib import Path

from service import __version__
from tests.servers import PROJECT

NAME = "htmx-fastapi-service"


def build(checkout: Path, dist: Path, **environ: str) -> None:
    """Build a checkout's one file into a folder."""
    subprocess.run(
        [sys.executable, "-m", "infra.onefile", "--into", str(dist)],
        cwd=checkout,
        env={**os.environ, **environ},
        check=True,
        capture_output=True,
    )


def is_current(dist: Path) -> bool:
    """Say whether a folder holds the build of the newest commit, with nothing changed since."""
    bill = dist / f"{NAME}.cdx.json"
    if not bill.exists() or git("status", "--porcelain"):
        return False
    built = json.loads(bill.read_text())["metadata"]["component"]["version"]
    return built == f"{__version__}+{git('rev-parse', 'HEAD')}"


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.strip()
