"""Fixtures: the one file as it is built, and a machine that has nothing else."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from service import __version__
from tests.onefile.machine import Machine
from tests.servers import BUILT, PROJECT

NAME = "htmx-fastapi-service"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a build of what is here: one there is, or one made for all workers."""
    if BUILT:
        return Path(BUILT).parent
    if is_current(PROJECT / "dist"):
        return PROJECT / "dist"
    if not shutil.which("objdump"):
        reason = "binutils is not installed; on Debian: apt install binutils"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    dist = shared / "dist"
    with (shared / "dist.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (dist / NAME).exists():
            build(PROJECT, dist)
    return dist


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


def build(checkout: Path, dist: Path, **environ: str) -> None:
    """Build a checkout's one file into a folder."""
    subprocess.run(
        [sys.executable, "-m", "infra.onefile", "--into", str(dist)],
        cwd=checkout,
        env={**os.environ, **environ},
        check=True,
        capture_output=True,
    )


@pytest.fixture
def machine(built: Path, tmp_path: Path) -> Generator[Machine]:
    """Yield a machine to which the file has just been copied."""
    machine = Machine(built / NAME, tmp_path / "machine")
    yield machine
    machine.close()


@pytest.fixture
def another_release(built: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that makes the file of another release: the same program, called so."""

    def make(release: str) -> Path:
        content = (built / NAME).read_bytes()
        (line,) = [line for line in content[:4096].splitlines() if line.startswith(b"program=")]
        file = tmp_path / f"release-{release}"
        file.write_bytes(content.replace(line, b"program=$programs/" + release.encode(), 1))
        file.chmod(0o755)
        return file

    return make
