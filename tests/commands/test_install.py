"""What a new machine needs once: a data folder, a secret, a systemd unit, a look at the server."""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service import about, cli
from service.base import clock, config
from service.commands import install
from service.keep import backup
from tests.people import ONE_DATABASE
from tests.reverse_proxy import ReverseProxy, proxied
from tests.servers import KEY, PROJECT, Server, board, free_port

BACKUPS = 5


def run(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments), env={"SECRET_KEY": None, **environ})


def test_init_makes_a_folder_and_a_key_that_only_their_owner_can_read(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    made = run("init", DATA_DIR=str(data))
    key = data / "secret-key"
    assert made.output == (
        f"Made a secret key in {key}. Keep it: a new one signs everybody out.\n"
        "Next: `board serve`. Its log says where to make the first admin, and with which code.\n"
    )
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    settings = config.read_settings({"DATA_DIR": str(data)})
    assert settings.secret_keys == (key.read_text(),)
    assert len(key.read_text()) == 64


def test_init_leaves_a_key_that_is_there_as_it_is(tmp_path: Path) -> None:
    run("init", DATA_DIR=str(tmp_path))
    key = (tmp_path / "secret-key").read_text()
    again = run("init", DATA_DIR=str(tmp_path))
    assert (again.exit_code, again.output) == (
        0,
        f"{tmp_path}/secret-key is there already; it was left as it is.\n",
    )
    assert (tmp_path / "secret-key").read_text() == key


def test_init_says_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = run("init", DATA_DIR=f"{tmp_path}/file")
    assert (refused.exit_code, refused.output) == (1, f"Error: File exists: {tmp_path}/file\n")


@ONE_DATABASE
def test_a_server_takes_the_key_that_init_made(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    run("init", DATA_DIR=str(tmp_path))
    start_server(SECRET_KEY="", DATA_DIR=str(tmp_path))


@ONE_DATABASE
def test_health_says_whether_the_server_is_ready(
    database_url: str, start_server: Callable[..., Server]
) -> None:
    server = start_server()
    ready = board(database_url, "health", PORT=str(server.port), HOST="0.0.0.0", SECRET_KEY="")
    assert (ready.returncode, ready.stdout) == (0, "The board is ready.\n")
    server.stop()
    gone = board(database_url, "health", PORT=str(server.port))
    assert gone.returncode == 1
    assert gone.stderr == f"Error: No board answers at 127.0.0.1:{server.port}.\n"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (503, b'{"reason": "draining"}', "draining"),
        (404, b"nothing here", "something else answers there"),
        (503, b"[]", "something else answers there"),
    ],
)
def test_health_says_what_a_server_lacks(status: int, body: bytes, expected: str) -> None:
    with proxied(ReverseProxy(0, answers={"/readyz": (status, {}, body)})) as answering:
        asked = run("health", PORT=str(answering.port))
    assert (asked.exit_code, asked.output) == (1, f"Error: The board is not ready: {expected}.\n")


def test_serve_says_that_the_key_is_empty_and_how_to_make_another(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    refused = run("serve", DATA_DIR=str(tmp_path))
    assert refused.output == (
        f"Error: SECRET_KEY is not set, and {tmp_path}/secret-key is empty: "
        "delete it, then `board init` makes another.\n"
    )


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret-key").mkdir()
    refused = run("serve", DATA_DIR=str(tmp_path))
    assert refused.output == (
        f"Error: SECRET_KEY is kept in {tmp_path}/secret-key, which cannot be read: "
        "Is a directory.\n"
    )


# The unit.


def unit() -> str:
    return run("service-unit").output


def test_the_unit_passes_systemd_s_own_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    program = tmp_path / "with a blank" / "board"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setenv("ONE_FILE", str(program))
    file = tmp_path / "htmx-fastapi-service.service"
    file.write_text(unit())
    for command in (["verify"], ["security", "--offline=true", "--threshold=20"]):
        checked = subprocess.run(
            ["systemd-analyze", *command, str(file)], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr
        if command == ["verify"]:
            assert checked.stderr == ""


def test_the_unit_keeps_its_key_and_data_in_one_folder_of_its_own() -> None:
    lines = unit().splitlines()
    assert "StateDirectory=htmx-fastapi-service" in lines
    assert "StateDirectoryMode=0700" in lines
    assert "Environment=DATA_DIR=%S/htmx-fastapi-service LOG_FORMAT=json" in lines
    (before,) = [line for line in lines if line.startswith("ExecStartPre=")]
    (start,) = [line for line in lines if line.startswith("ExecStart=")]
    assert before.removeprefix("ExecStartPre=") == start.removeprefix("ExecStart=").replace(
        " serve", " init"
    )


@pytest.mark.parametrize("file", ["infra/onefile/launcher.sh", "service/commands/install.py"])
def test_whatever_starts_it_lets_memory_go_back_as_the_image_does(file: str) -> None:
    setting = re.compile(r"MALLOC_MMAP_THRESHOLD_(?:=|:-)(\d+)")
    (image,) = setting.findall((PROJECT / "Dockerfile").read_text())
    assert setting.findall((PROJECT / file).read_text()) == [image]


def test_the_unit_tries_wrong_settings_once_and_all_else_again(tmp_path: Path) -> None:
    wrong = run("serve", DATA_DIR=str(tmp_path))
    assert "Restart=on-failure" in unit().splitlines()
    assert f"RestartPreventExitStatus={wrong.exit_code}" in unit().splitlines()
    (tmp_path / "file").touch()
    assert run("init", DATA_DIR=f"{tmp_path}/file").exit_code != wrong.exit_code


def test_the_unit_starts_a_program_whatever_printed_it() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "service", "service-unit"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (program,) = re.findall(r'^ExecStart="(.*)" serve$', printed, re.MULTILINE)
    assert os.access(program, os.X_OK)
    assert f'"{program}" setup-code' in printed


@pytest.mark.parametrize("character", install.SPECIAL)
def test_a_path_that_a_unit_would_read_otherwise_is_refused(
    character: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONE_FILE", f"/opt/{character}/board")
    refused = run("service-unit")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert refused.output.endswith("can't be written in a unit: move the program.\n")


# What is it?


def test_the_version_names_what_is_inside() -> None:
    told = dict(line.split(maxsplit=1) for line in run("--version").output.splitlines())
    assert told[about.NAME] == about.__version__
    assert set(told) >= {"Python", "SQLite", "OpenSSL", "libpq", "fastapi", "granian", "tzdata"}
    assert "pytest" not in told


# Backups by the night.


@ONE_DATABASE
def test_a_folder_keeps_the_newest_backups(
    database: None, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    others = {"board-2026-11-26.zip", "notes.txt"}
    of_a_wrong_clock = "board-9999-12-31T000000Z.zip"
    left = "board-2020-01-01T000000Z.zip.partial"
    for name in (*others, of_a_wrong_clock, left):
        (folder / name).touch()
    real, names = clock.now(), []
    for day in range(BACKUPS):
        monkeypatch.setattr(
            clock, "now", lambda day=day: real.replace(year=2026, month=1, day=day + 1)
        )
        done = run("backup", "--keep", "2", str(folder), DATABASE_URL=database_url)
        assert done.exit_code == 0, done.output
        names.append(backup.dated(folder).name)
        assert f"in {folder / names[-1]}.\n" in done.output
        (folder / "board-2019-01-01T000000Z.zip.partial").touch()  # being written beside it
    others.add("board-2019-01-01T000000Z.zip.partial")
    assert {file.name for file in folder.iterdir()} == {*names[-2:], *others}
    assert run("restore", "--check", str(folder / names[-1])).exit_code == 0


@ONE_DATABASE
def test_nothing_is_deleted_before_the_new_backup_is_whole(
    database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "board-2026-01-01T000000Z.zip").touch()
    missing = f"sqlite:///{tmp_path}/none.sqlite3"
    assert run("backup", "--keep", "1", str(tmp_path), DATABASE_URL=missing).exit_code == 1
    assert (tmp_path / "board-2026-01-01T000000Z.zip").exists()


@ONE_DATABASE
def test_keep_is_refused_for_a_backup_that_is_a_file(
    database: None, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "saved.zip"
    refused = run("backup", "--keep", "1", str(file), DATABASE_URL=database_url)
    assert (refused.exit_code, refused.output) == (
        1,
        f"Error: --keep is for a folder of backups; {file} is none.\n",
    )
    assert run("backup", "--keep", "0", str(tmp_path), DATABASE_URL=database_url).exit_code == 2
    assert not file.exists()


def test_the_port_of_a_server_is_needed_for_health(tmp_path: Path) -> None:
    asked = run("health", PORT="none")
    assert asked.output == "Error: PORT must be a whole number from 1 to 65535, not 'none'.\n"
    assert KEY not in asked.output
    assert run("health", PORT=str(free_port())).exit_code == 1
