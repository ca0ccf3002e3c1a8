"""Fixtures: the one file as it is built, and a machine that has nothing else."""

import fcntl
import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.onefile.builds import NAME, build, is_current
from tests.onefile.machine import Machine
from tests.servers import BUILT, PROJECT


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
