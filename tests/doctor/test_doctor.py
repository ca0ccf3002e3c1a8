"""The doctor: whatever can be wrong with a board and its machine is found, and nothing else."""

import os
import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from service import cli
from service.access.audit import OPERATOR
from service.accounts import accounts
from service.base.config import Settings
from service.data import db
from service.data.tables import Event, EventCounter, Message, Session, User
from service.doctor import machine, numbers
from service.doctor import secrets as secrets_check
from service.people import people
from tests.patient import Examine
from tests.people import ONE_DATABASE
from tests.servers import KEY, Server

EVERY_CHECK = ["settings", "secrets", "database", "storage", "schema", "rows", "search"]
EVERY_CHECK += ["events", "names", "admins", "clock", "zones", "port"]


def everything() -> list[object]:
    tables = (User, Session, Message, Event, EventCounter)
    with db.read():
        return [list(table.select().tuples()) for table in tables]


def run(environ: dict[str, str], *arguments: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(cli.main, list(arguments), env={"SECRET_KEY": ""} | environ)
    return done.exit_code, done.output.splitlines()


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


# All is well.


def test_a_healthy_board_has_no_findings(environ: dict[str, str], history: None) -> None:
    before = everything()
    code, (*lines, summary) = run(environ, "doctor")
    assert (code, summary) == (0, "Nothing is wrong.")
    assert all(line.startswith("ok   ") for line in lines)
    assert {line.split()[1] for line in lines} - {"folder", "pool"} == set(EVERY_CHECK)
    assert any("3 messages" in line for line in lines)
    assert any("1 to 5, none missing" in line for line in lines)
    assert everything() == before


def test_a_board_just_made_has_no_findings(database: None, examine: Examine) -> None:
    assert examine() == []


def test_a_board_without_an_admin_is_a_finding(account: accounts.Account, examine: Examine) -> None:
    told = ("admins", "No admin can sign in: `board user role NAME admin` makes somebody one.")
    assert examine() == [told]
    people.set_role(OPERATOR, account.id, "admin")
    assert examine() == []


def test_a_failing_check_is_a_finding(
    examine: Examine, history: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "LOG", "SELECT * FROM nowhere")
    ((check, finding),) = examine()
    assert check == "events"
    assert finding.startswith("The database can't be used (")
    assert "nowhere" in finding


# Settings and secrets.


@ONE_DATABASE
def test_every_fault_of_the_settings_is_a_line(environ: dict[str, str]) -> None:
    code, lines = run(environ | {"PORT": "http", "WORKERS": "0"}, "doctor")
    assert code == 1
    assert lines[0].startswith("!!   settings  PORT must be a whole number")
    assert lines[1].startswith("!!   settings  WORKERS must be a whole number")
    assert [line[:2] for line in lines[2:-1]] == ["ok"] * 11  # the database is looked at
    assert lines[-1] == ("2 things are wrong. Not looked at before that is mended: secrets, port.")


@ONE_DATABASE
def test_without_a_readable_address_no_database_is_looked_for(environ: dict[str, str]) -> None:
    code, lines = run(environ | {"DATABASE_URL": "mysql://alice:wonderland@db/board"}, "doctor")
    assert code == 1
    assert lines[0].startswith("!!   settings  DATABASE_URL must start with")
    assert lines[-1].startswith("1 thing is wrong. Not looked at before that is mended: secrets, ")
    assert not any("wonderland" in line for line in lines)


def secret_findings(
    environ: dict[str, str] | None = None,
    secret_keys: tuple[str, ...] = (KEY,),
    database_url: str = "sqlite:///board.sqlite3",
) -> list[str]:
    return list(
        secrets_check.check(
            environ or {}, Settings(secret_keys=secret_keys, database_url=database_url)
        )
    )


@ONE_DATABASE
@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("x" * 40, "it has only 1 different characters"),
        ("abcdefgh-1" * 5, "it repeats itself"),
        ("abcdefghijklmnopqrstuvwxyz0123456789", "its characters follow one another in order"),
        ("9876543210zyxwvutsrqponmlkjihgfedcba", "its characters follow one another in order"),
        ("changeme-CHANGEME-please-secret-key-1", "it is made of words that everybody tries"),
        ("this-is-my-very-secret-key-please-change-it", "it is made of words"),
    ],
)
def test_a_key_that_can_be_guessed(examine: Examine, key: str, why: str) -> None:
    (finding,) = (text for check, text in examine(SECRET_KEY=key) if check == "secrets")
    assert finding.startswith(f"SECRET_KEY: the key can be guessed, {why}")
    assert "make one with" in finding
    assert key not in finding
    (finding,) = (text for _, text in examine(SECRET_KEY=f"{KEY} {key}"))
    assert finding.startswith("SECRET_KEY: key 2 can be guessed")


@ONE_DATABASE
def test_random_keys_are_no_findings(database_url: str) -> None:
    makers = (secrets.token_urlsafe, secrets.token_hex)
    for size in (16, 24, 32, 48):
        keys = {make(size) for make in makers for _ in range(500)}
        assert secret_findings(secret_keys=tuple(key for key in keys if len(key) >= 32)) == []
    assert secret_findings(secret_keys=(f"board-secret-key-{secrets.token_hex(16)}",)) == []


@ONE_DATABASE
def test_the_same_key_twice(examine: Examine, database: None) -> None:
    expected = [("secrets", "SECRET_KEY holds the same key twice: leave one of them out.")]
    assert examine(SECRET_KEY=f"{KEY},{KEY}") == expected


@ONE_DATABASE
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_secret_in_a_file_that_others_can_open(
    examine: Examine, environ: dict[str, str], tmp_path: Path, mode: int
) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL"):
        file = tmp_path / name
        file.write_text(environ[name])
        file.chmod(0o600)
        changed = {name: "", f"{name}_FILE": str(file)}
        assert examine(**changed) == []
        file.chmod(mode)
        ((check, finding),) = examine(**changed)
        assert check == "secrets"
        assert finding.startswith(f"{name}_FILE: {file} is open to others than its owner")
        assert finding.endswith(f"run `chmod 600 {file}`.")


@ONE_DATABASE
def test_a_secret_that_init_made_and_others_can_open(examine: Examine, tmp_path: Path) -> None:
    file = tmp_path / "secret-key"
    file.write_text(KEY)
    file.chmod(0o600)
    changed = {"SECRET_KEY": "", "DATA_DIR": str(tmp_path)}
    assert examine(**changed) == []
    file.chmod(0o644)
    ((check, finding),) = examine(**changed)
    assert check == "secrets"
    assert finding.startswith(f"SECRET_KEY: {file} is open to others than its owner")


@ONE_DATABASE
def test_a_secret_that_a_container_is_given_is_not_blamed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text(KEY)
    file.chmod(0o444)
    assert len(secret_findings({"SECRET_KEY_FILE": str(file)})) == 1
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))
    assert secret_findings({"SECRET_KEY_FILE": str(file)}) == []


@ONE_DATABASE
def test_a_password_that_can_be_guessed(database_url: str) -> None:
    for login in ("alice:alice", "alice:ALICE", "alice:postgres", "alice:board1", "alice:12345"):
        for host in ("db", "10.0.0.1:5432", "127.0.0.1"):
            (finding,) = secret_findings(database_url=f"postgresql://{login}@{host}/board")
            assert finding.startswith("DATABASE_URL: the password can be guessed")
    for url in (
        "postgresql://alice:7Jx-board-lQ2@db/board",
        "postgresql://alice:alice@/board?host=/run/postgresql",
        "postgresql://alice@db/board",
        "postgresql:///board",
        "sqlite:///alice:alice@db/board",
    ):
        assert secret_findings(database_url=url) == []


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
