"""The board as the one file serves it, on machines that allow it little."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

from tests.onefile.machine import Machine
from tests.people import PASSWORD
from tests.servers import KEY, free_port, is_running, within

pytestmark = pytest.mark.timeout(600)  # the first of them builds the file

NOBODY = 65534
PLANTED = "raise SystemExit('a planted module ran')\n"


def post_and_read(machine: Machine, text: str) -> list[str]:
    """Sign Alice in, post, and return all texts there are."""
    with httpx2.Client(base_url=machine.url, timeout=20) as alice:
        fields = {"username": "alice", "password": PASSWORD, "user_timezone": "Asia/Tokyo"}
        signed_in = alice.post("/api/login", json=fields)
        assert signed_in.status_code == 200, signed_in.text
        posted = alice.post("/api/message", json={"message": text})
        assert posted.status_code in {200, 201}, posted.text
        listed = alice.get("/api/messages", headers={"Accept": "application/json"}).json()
    return [message["text"] for message in listed["messages"]]


def test_a_new_machine_needs_three_commands(machine: Machine) -> None:
    refused = machine.run("serve")
    assert refused.returncode == os.EX_CONFIG
    assert refused.stderr == (
        "Error: SECRET_KEY is not set. `htmx-fastapi-service init` makes one and keeps it in "
        f"{machine.data}/secret-key.\n"
    )
    assert machine.run("init").returncode == 0
    added = machine.run("user", "add", "alice", stdin=f"{PASSWORD}\n")
    assert added.stdout == "Added alice, an admin.\n"
    process = machine.start("serve", PORT=str(machine.port))
    machine.await_answer(process)
    assert post_and_read(machine, "Hello, 世界") == ["Hello, 世界"]
    page = httpx2.get(machine.url).text
    assert "/static/css/style." in page
    assert sorted(path.name for path in machine.data.iterdir() if "sqlite3-" not in path.name) == [
        *(".program", "board.sqlite3", "board.sqlite3.migration.lock"),
        *("board.sqlite3.server.lock", "secret-key"),
    ]


def test_a_second_server_on_the_same_file_is_refused(machine: Machine) -> None:
    machine.serve()
    second = machine.run("serve", SECRET_KEY=KEY, PORT=str(free_port()))
    assert second.returncode == 1
    assert second.stderr == (
        "Error: Another server has board.sqlite3 open already; SQLite serves one at a time.\n"
    )


def test_sigterm_ends_it_cleanly(machine: Machine) -> None:
    process = machine.serve()
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert time.monotonic() - started < 5
    assert "the board has stopped" in machine.log()


def test_a_kill_leaves_nothing_but_the_data(machine: Machine) -> None:
    before = set(Path("/tmp").iterdir())  # noqa: S108
    process = machine.serve()
    workers = children(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    within(10, lambda: not any(is_running(pid) for pid in workers))
    assert [path for path in {*Path("/tmp").iterdir()} - before if "_MEI" in path.name] == []  # noqa: S108
    assert len(machine.unpacked()) == 1
    machine.serve()


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def test_several_workers_serve_one_postgresql(machine: Machine, empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        refused = machine.run("serve", SECRET_KEY=KEY, WORKERS="2", DATABASE_URL=empty_url)
        assert refused.stderr.startswith("Error: SQLite serves one worker process")
        return
    environ = {"DATABASE_URL": empty_url, "WORKERS": "3"}
    assert machine.run("migrate", **environ).stdout.startswith("Applied 0001_board")
    machine.run("user", "add", "alice", stdin=f"{PASSWORD}\n", **environ)
    process = machine.serve(**environ)
    assert len(children(process.pid)) >= 3
    assert post_and_read(machine, "Three of us") == ["Three of us"]
    process.terminate()
    assert process.wait(timeout=10) == 0


def test_code_that_lies_about_is_not_run(machine: Machine, tmp_path: Path) -> None:
    for name in ("service", "psycopg2", "click", "site", "sitecustomize", "encodings"):
        (tmp_path / f"{name}.py").write_text(PLANTED)
    machine.cwd = tmp_path
    machine.serve(PYTHONPATH=str(tmp_path), PYTHONHOME=str(tmp_path), PYTHONSTARTUP="click.py")
    assert "planted" not in machine.log()


def test_every_command_works_from_it(machine: Machine, tmp_path: Path) -> None:
    saved = tmp_path / "saved.zip"
    machine.run("init")
    machine.run("user", "add", "alice", stdin=f"{PASSWORD}\n")
    for command in (
        ("migrate",),
        ("user", "list"),
        ("backup", str(saved)),
        ("restore", "--check", str(saved)),
        ("restore", "--replace", str(saved)),
        ("export", "--format", "html", "--zone", "Europe/Berlin"),
        ("reindex",),
        ("doctor",),
        ("service-unit",),
    ):
        done = machine.run(*command)
        noted = [line for line in done.stderr.splitlines() if "service.security" not in line]
        assert (done.returncode, noted) == (0, []), done.stdout + done.stderr
    assert f'ExecStart="{machine.program}" serve' in machine.run("service-unit").stdout


def test_dev_reloads_nothing_but_serves(machine: Machine) -> None:
    process = machine.start("dev", PORT=str(machine.port))
    machine.await_answer(process)
    assert "user@example.com" in httpx2.get(machine.url).text
    assert (machine.data / "dev.sqlite3").exists()


@pytest.fixture
def bare(machine: Machine) -> Generator[Machine]:
    """Return a machine whose root is read-only but for the data folder and /tmp, for nobody."""
    if os.getuid() or shutil.which("setpriv") is None:
        pytest.skip("only root can make such a machine, with setpriv of util-linux")
    place = Path("/opt") / f"board-{machine.port}"
    place.mkdir(mode=0o755)
    shutil.copy(machine.program, place)
    (place / "data").mkdir(mode=0o700)
    os.chown(place / "data", NOBODY, NOBODY)
    machine.program = place / machine.program.name
    machine.data = place / "data"
    machine.environ = {"DATA_DIR": str(machine.data)}
    machine.cwd = Path("/")
    made = " && ".join(
        (
            f"mount --bind {machine.data} {machine.data}",
            "mount -t tmpfs -o mode=1777 none /tmp",
            "mount -o remount,ro,bind /",
            f"mount -o remount,rw,bind {machine.data}",
            f'exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --no-new-privs "$@"',
        )
    )
    machine.prefix = ["unshare", "--mount", "sh", "-c", f"mount --bind / / && cd / && {made}", "sh"]
    yield machine
    machine.close()
    shutil.rmtree(place)


def test_it_runs_as_anybody_with_a_read_only_root(bare: Machine) -> None:
    denied = subprocess.run(
        [*bare.prefix, "touch", "/new", "/opt/new"], capture_output=True, text=True, check=False
    )
    assert denied.stderr.count("Read-only file system") == 2
    assert bare.run("init").returncode == 0
    assert (
        bare.run("user", "add", "alice", stdin=f"{PASSWORD}\n").stdout == "Added alice, an admin.\n"
    )
    process = bare.start("serve", PORT=str(bare.port))
    bare.await_answer(process)
    assert post_and_read(bare, "From a bare machine") == ["From a bare machine"]
    owners = {path.stat().st_uid for path in bare.data.rglob("*")}
    assert owners == {NOBODY}
