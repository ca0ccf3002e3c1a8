"""The README's example of a program: its lines, run as they stand."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from service.access.visible import EVERYONE
from service.messages import messages
from tests.people import ONE_DATABASE, add_person
from tests.servers import KEY, PROGRAM, PROJECT, Server, environment

TEXT = "Build 17 is done"


@pytest.fixture
def lines() -> list[str]:
    """Return the example's lines; skip where there is no curl, but never in CI."""
    if shutil.which("curl") is None and not os.environ.get("CI"):
        pytest.skip("no curl is installed")
    section = (PROJECT / "README.md").read_text().split("\n## Programs\n")[1]
    return section.split("```sh\n")[1].split("```")[0].splitlines()


@pytest.fixture
def shell(database: None, database_url: str, tmp_path: Path, server: Server) -> Callable[..., str]:
    """Return what runs a line, in a folder with a `board`, and returns what it said."""
    there = tmp_path / "bin"
    there.mkdir()
    command = f'#!/bin/sh\ncd {shlex.quote(str(PROJECT))} && exec {shlex.join(PROGRAM)} "$@"\n'
    (there / "board").write_text(command)
    (there / "board").chmod(0o755)
    environ = {
        **environment(),
        "DATABASE_URL": database_url,
        "SECRET_KEY": KEY,
        "BOARD": server.url,
        "PATH": f"{there}:{os.environ['PATH']}",
    }

    def run(line: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout

    return run


@ONE_DATABASE
def test_it_posts_reads_follows_and_searches(
    lines: list[str], shell: Callable[..., str], tmp_path: Path
) -> None:
    add_person("alice")
    make, post, read, ask, follow, search = lines
    cursor = messages.newest_cursor()
    shell(make)
    assert re.fullmatch(r"Authorization: Bearer brd_\w+\n", (tmp_path / "token").read_text())
    assert (tmp_path / "token").stat().st_mode & 0o077 == 0
    for _ in range(2):  # the same key posts once
        assert f'"text":"{TEXT}"' in shell(post)
    assert [each.text for each in messages.newest(EVERYONE).messages] == [TEXT]
    assert TEXT in shell(read)
    assert TEXT in shell(ask.replace("CURSOR", str(cursor)))
    stream = follow.replace("CURSOR", str(cursor)).replace("curl", "curl --max-time 3")
    assert TEXT in shell(stream)
    assert f'"text":"{TEXT}"' in shell(search)
