"""Another release, from the history: asked in turn with this checkout, on a board of its own."""

import secrets
import subprocess
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import click

from tests.bench import served
from tests.bench.rows import Run
from tests.bench.served import Served
from tests.people import PASSWORD, PROGRAM
from tests.postgresql import at_database, execute
from tests.released import unpack
from tests.servers import Server


def unpacked(revision: str | None, folder: Path) -> Path | None:
    """Return where a release is, once it is in a folder; None if none is asked for."""
    if revision is None:
        return None
    try:
        unpack(revision, folder)
    except ValueError as failure:
        raise click.ClickException(f"{revision} can't be had: {failure}") from None
    return folder


@contextmanager
def board(kind: str, run: Run, folder: Path) -> Generator[tuple[Served, Server] | None]:
    """Serve the release to be measured beside, with Alice on it; yield None if there is none."""
    if run.beside is None:
        yield None
        return
    folder.mkdir()
    with (
        _database(kind, run.postgres, folder) as url,
        served.board(url, folder, run.beside) as (measured, server),
    ):
        subprocess.run(
            [*server.program, "user", "add", "alice"],
            cwd=server.folder,
            env=server.environ,
            input=PASSWORD.encode(),
            check=True,
            capture_output=True,
        )
        yield measured, server


def fill(server: Server, texts: Iterable[str]) -> None:
    """Let Alice post, as nobody else knows that release's tables."""
    client = server.sign_in("alice", PASSWORD)
    for text in texts:
        client.post("/api/message", json={"message": text}, headers=PROGRAM).raise_for_status()


@contextmanager
def _database(kind: str, server: str, folder: Path) -> Generator[str]:
    """Yield the URL of a database with nothing in it."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/board.sqlite3"
        return
    name = f"board_bench_beside_{secrets.token_hex(4)}"
    execute(server, f"CREATE DATABASE {name}")
    try:
        yield at_database(server, name)
    finally:
        execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
