"""How the one file unpacks itself: once, into a folder that nobody else can write to."""

import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.onefile.machine import Machine

pytestmark = pytest.mark.timeout(600)  # the first of them builds the file

HALF_AN_HOUR = 1800  # seconds
TWO_DAYS = 2 * 24 * 3600  # seconds


def refusal(machine: Machine, **environ: str) -> str:
    """Return the one line in which it refused."""
    done = machine.run("--version", **environ)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")


def test_the_file_unpacks_itself_once(machine: Machine) -> None:
    assert machine.run("--version").returncode == 0
    (program,) = machine.unpacked()
    before = program.stat().st_ino
    assert machine.run("--version").returncode == 0
    assert [found.stat().st_ino for found in machine.unpacked()] == [before]
    for folder in (machine.data, machine.programs, program):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_its_home_is_where_people_keep_such_things(machine: Machine, tmp_path: Path) -> None:
    machine.environ = {"HOME": str(tmp_path)}
    assert machine.run("init").returncode == 0
    assert (tmp_path / ".local/share/htmx-fastapi-service/secret-key").exists()
    machine.environ["XDG_DATA_HOME"] = str(tmp_path / "elsewhere")
    assert machine.run("init").returncode == 0
    assert (tmp_path / "elsewhere/htmx-fastapi-service/secret-key").exists()
    machine.environ = {}
    assert refusal(machine) == "Set DATA_DIR to the folder for the board's data."


def test_many_first_starts_at_once_are_all_good(machine: Machine) -> None:
    with ThreadPoolExecutor(4) as starts:
        done = list(starts.map(lambda _: machine.run("--version"), range(4)))
    assert {(each.returncode, each.stderr) for each in done} == {(0, "")}
    assert len(machine.unpacked()) == 1


def test_what_a_killed_first_start_left_is_cleared_away(machine: Machine) -> None:
    process = machine.start("--version")
    deadline = time.monotonic() + 10
    while not list(machine.programs.glob("unpacking.*/inside")):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (left,) = machine.unpacked()
    assert left.name.startswith("unpacking.")
    long_ago = time.time() - HALF_AN_HOUR
    os.utime(left, (long_ago, long_ago))
    assert machine.run("--version").returncode == 0
    assert [found.name.startswith("unpacking.") for found in machine.unpacked()] == [False]


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_can_write_to_is_refused(machine: Machine, mode: int) -> None:
    machine.data.mkdir()
    machine.data.chmod(mode)
    assert refusal(machine) == (
        f"{machine.data} can be written by others: delete {machine.programs}, "
        f"and run `chmod go-w {machine.data}`."
    )
    machine.data.chmod(0o700)
    machine.programs.chmod(mode)
    assert refusal(machine).startswith(f"{machine.programs} can be written by others")


def test_a_folder_of_somebody_else_is_refused(machine: Machine) -> None:
    if os.getuid():
        pytest.skip("only root can give a folder to somebody else")
    machine.data.mkdir()
    planted = machine.programs
    planted.mkdir(mode=0o700)
    os.chown(planted, 65534, 65534)
    of_nobody = "belongs to the user with the number 65534: run this as that user."
    assert refusal(machine) == f"{planted} {of_nobody}"
    os.chown(planted, 0, 0)
    os.chown(machine.data, 65534, 65534)
    assert refusal(machine) == f"{machine.data} {of_nobody}"


def test_a_link_in_the_place_of_its_folder_is_refused(machine: Machine, tmp_path: Path) -> None:
    machine.data.mkdir()
    (tmp_path / "planted").mkdir()
    machine.programs.symlink_to(tmp_path / "planted")
    assert refusal(machine) == f"{machine.programs} is no folder: move it away."


def test_a_data_folder_may_be_a_link(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir(mode=0o700)
    machine.data.symlink_to(tmp_path / "disk")
    assert machine.run("--version").returncode == 0


def test_a_data_folder_that_cannot_be_is_said_in_one_line(machine: Machine) -> None:
    machine.data.touch()
    assert refusal(machine) == f"DATA_DIR={machine.data} can't be written to."


def test_a_file_that_is_not_whole_is_said(machine: Machine) -> None:
    content = machine.program.read_bytes()
    machine.program.write_bytes(content[: len(content) // 2])
    done = machine.run("--version")
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: {machine.program} can't be unpacked into {machine.programs}: "
        "the disk is full, or the file is not whole.\n"
    )
    assert machine.unpacked() == []


def test_a_folder_from_which_nothing_can_be_run_is_said(machine: Machine) -> None:
    assert machine.run("--version").returncode == 0
    (program,) = machine.unpacked()
    (program / "htmx-fastapi-service").unlink()  # of half a release, or where noexec hides it
    assert refusal(machine) == (
        f"{program} can't be run: delete it if it is not whole, "
        "or set a DATA_DIR that is not mounted noexec."
    )


def test_names_with_blanks_and_signs_are_fine(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "it's 100% *new* $HOME"
    folder.mkdir()
    machine.program = machine.program.rename(folder / "the board")
    machine.environ["DATA_DIR"] = str(folder / "the data")
    assert machine.run("init").returncode == 0
    assert (folder / "the data" / "secret-key").exists()
    machine.program, machine.cwd = Path(folder.name) / "the board", tmp_path
    assert machine.run("health", PORT="1").stderr == "Error: No board answers at 127.0.0.1:1.\n"


def test_an_older_release_goes_when_nobody_has_used_it_for_a_day(
    machine: Machine, another_release: Callable[[str], Path]
) -> None:
    newer, machine.program = machine.program, another_release("0.1.0-old")
    assert machine.run("--version").returncode == 0
    (older,) = machine.unpacked()
    machine.program = newer
    assert machine.run("--version").returncode == 0
    assert older in machine.unpacked()  # it may be needed again, right after an upgrade
    long_ago = time.time() - TWO_DAYS
    os.utime(older / ".in-use", (long_ago, long_ago))
    assert machine.run("--version").returncode == 0
    assert [found.name for found in machine.unpacked() if found == older] == []
    assert len(machine.unpacked()) == 1


def test_an_older_release_that_serves_stays(
    machine: Machine, another_release: Callable[[str], Path]
) -> None:
    newer, machine.program = machine.program, another_release("0.1.0-old")
    process = machine.serve()
    (older,) = machine.unpacked()
    long_ago = time.time() - TWO_DAYS
    os.utime(older / ".in-use", (long_ago, long_ago))
    machine.program = newer
    assert machine.run("--version").returncode == 0
    assert older in machine.unpacked()
    machine.kill(process)
    assert machine.run("--version").returncode == 0
    assert older not in machine.unpacked()


def test_the_launcher_is_plain_shell(machine: Machine) -> None:
    content = machine.program.read_bytes()
    launcher = content[: content.index(b'"$@"\n') + 5]
    checked = subprocess.run(["sh", "-n"], input=launcher, check=False)
    assert checked.returncode == 0
    assert b"@RELEASE@" not in launcher
