"""Fixtures of the image's tests: the image, and boards that run from it."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

from service import __version__
from tests.image.engine import PROGRAMS, Container, Engine
from tests.image.making import CREATED, FIGURES, SOURCE, commit, dockerfile, git, note


@pytest.fixture(scope="module")
def image() -> Generator[Engine]:
    """Yield what runs the image, once that is built; skip where it can't be, but never in CI."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        names = " ".join(PROGRAMS)
        reason = f"needs root and {names}; on Debian: apt install --no-install-recommends {names}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.unlink(missing_ok=True)
    engine = Engine(Path(tempfile.mkdtemp(prefix="board-image-")))
    try:
        base = re.findall(r"^FROM (\S+) AS build$", dockerfile(), re.MULTILINE)
        started = time.monotonic()
        engine.make_base(*base)
        note("seconds to make the base", time.monotonic() - started)
        engine.build(
            SOURCE_COMMIT=commit(),
            SOURCE_DATE_EPOCH=git("log", "-1", "--format=%ct"),
            VERSION=__version__,
            CREATED=CREATED,
            SOURCE=SOURCE,
        )
        note("seconds in all to build", time.monotonic() - started)
        yield engine
    finally:
        engine.close()


@pytest.fixture
def data(image: Engine) -> Generator[str]:
    """Yield the name of a new volume with a secret key in it."""
    name = image.did("podman", "volume", "create")
    made = image.run("init", options=(f"--volume={name}:/data",))
    assert made.returncode == 0, made.stderr
    yield name
    image.did("podman", "volume", "rm", "--force", name)


@pytest.fixture
def empty(image: Engine, data: str) -> Generator[Container]:
    """Yield a board that serves from a volume; it has no user."""
    container = Container(image, f"--volume={data}:/data")
    yield container
    container.remove()


@pytest.fixture
def board(empty: Container) -> Container:
    """Return that board with Alice as a user."""
    empty.add("alice")
    return empty


@pytest.fixture
def alice(board: Container) -> Generator[httpx2.Client]:
    with board.sign_in("alice") as client:
        yield client


@pytest.fixture
def files(image: Engine) -> Generator[Path]:
    """Yield the folder in which the image's files can be seen."""
    yield Path(image.did("podman", "image", "mount", "localhost/board:test"))
    image.did("podman", "image", "umount", "localhost/board:test")
