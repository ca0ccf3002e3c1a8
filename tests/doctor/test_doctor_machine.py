"""The doctor looks at the machine: folders, the disk, the port."""

import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.base.config import Settings
from service.doctor import machine
from tests.patient import Examine, run
from tests.people import ONE_DATABASE
from tests.servers import Server


def hang_up(listener: socket.socket) -> None:
    listener.accept()[0].close()


@contextmanager
def as_nobody() -> Generator[None]:
    """Do without the rights of root, if the tests have them."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def visible_folder() -> Generator[Path]:
    """Yield a folder that others may look into; those of pytest are closed to them."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


# The machine.


@ONE_DATABASE
def test_a_folder_that_cannot_be_written_to(database_url: str, visible_folder: Path) -> None:
    file = visible_folder / "board.sqlite3"
    file.touch(mode=0o644)
    file.chmod(0o444)
    visible_folder.chmod(0o555)
    settings = Settings(database_url=f"sqlite:///{file}")
    with as_nobody():
        findings = list(machine.folder(settings))
    assert [text.partition(" can't be written to")[0] for text in findings] == [
        str(visible_folder),
        str(file),
    ]
    assert list(visible_folder.iterdir()) == [file]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("total", "free", "full"),
    [(10**12, 499, True), (10**12, 501, False), (2 * 10**9, 99, True), (2 * 10**9, 101, False)],
)
def test_a_disk_almost_full(
    examine: Examine,
    database: None,
    monkeypatch: pytest.MonkeyPatch,
    total: int,
    free: int,
    full: bool,
) -> None:
    usage = SimpleNamespace(total=total, free=free * 1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    findings = examine()
    assert [check for check, _ in findings] == ["folder"] * full
    assert all(f"only {free} MB free: make room" in text for _, text in findings)


@ONE_DATABASE
def test_a_port_that_another_program_has(examine: Examine, database: None) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as other:
        port = other.getsockname()[1]
        threading.Thread(target=hang_up, args=(other,), daemon=True).start()
        expected = f"127.0.0.1:{port} is taken by another program: stop it, or set another PORT."
        assert examine(PORT=str(port)) == [("port", expected)]


@ONE_DATABASE
def test_a_port_of_the_metrics_that_another_program_has(examine: Examine, database: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ((check, finding),) = examine(METRICS_PORT=str(port))
    assert check == "metrics"
    assert finding.startswith(f"127.0.0.1:{port} can't be listened on (")
    assert finding.endswith("set another METRICS_PORT.")


def test_a_port_where_the_board_itself_answers(environ: dict[str, str], server: Server) -> None:
    for host in ("127.0.0.1", "localhost", "0.0.0.0"):
        code, lines = run(environ | {"PORT": str(server.port), "HOST": host}, "doctor")
        assert (code, lines[-1]) == (0, "Nothing is wrong.")
        assert any(
            line.endswith(f"{host}:{server.port}, where the board answers") for line in lines
        )


@ONE_DATABASE
@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.1", "HOST=192.0.2.1 is no address of this machine: "),
        ("nowhere.invalid", "HOST=nowhere.invalid is no address: "),
    ],
)
def test_an_address_that_is_not_ours(
    examine: Examine, database: None, host: str, expected: str
) -> None:
    ((check, finding),) = examine(HOST=host)
    assert (check, finding.startswith(expected)) == ("port", True)


@ONE_DATABASE
def test_a_port_that_is_the_systems(
    examine: Examine, database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(machine, "_bind", refuse)
    ((check, finding),) = examine(PORT="80")
    assert (check, "127.0.0.1:80 is the system's: set a PORT above 1023" in finding) == (
        "port",
        True,
    )


@ONE_DATABASE
def test_a_file_that_is_not_ours(examine: Examine, visible_folder: Path) -> None:
    closed = visible_folder / "closed"
    closed.mkdir(mode=0o700)
    (closed / "board.sqlite3").touch()
    closed.chmod(0o700 if not os.geteuid() else 0)
    with as_nobody():
        findings = dict(examine(DATABASE_URL=f"sqlite:///{closed}/board.sqlite3"))
    assert "Permission denied" in findings["database"]
    assert "run doctor as the user who runs the board" in findings["database"]


@ONE_DATABASE
@pytest.mark.parametrize("empty", [True, False])
def test_a_board_that_is_not_there_is_not_made(
    environ: dict[str, str], tmp_path: Path, empty: bool
) -> None:
    file = tmp_path / "elsewhere" / "board.sqlite3"
    if empty:
        file.parent.mkdir()
        file.touch()
    code, lines = run(environ | {"DATABASE_URL": f"sqlite:///{file}"}, "doctor")
    assert code == 1
    (finding,) = (line for line in lines if line.startswith("!!"))
    assert finding == (
        f"!!   database  There is no board in {file}: run `board migrate`, or mend DATABASE_URL."
    )
    assert lines[-1].startswith("1 thing is wrong. Not looked at before that is mended: storage, ")
    assert [file.exists(), file.parent.exists()] == [empty, empty]
    assert not empty or file.stat().st_size == 0
