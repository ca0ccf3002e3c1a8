"""The command line, run as people run it."""

import asyncio
import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import httpx2
import pytest
from click.testing import CliRunner

from service import __version__, cli, demo
from service.access import tokens
from service.access.visible import EVERYONE, Member
from service.accounts import accounts
from service.base import config
from service.commands import console, server
from service.data import db, sqlite
from service.data.tables import AuditEntry
from service.messages import messages, writing
from tests.people import ONE_DATABASE, PASSWORD, add_person
from tests.servers import KEY, NAME, Server, board, free_port, within

StartServer = Callable[..., Server]


def password_fits(name: str, password: str) -> bool:
    account = accounts.find(name)
    assert account
    return asyncio.run(tokens.verify_password(password, account.password_hash))


def said(database_url: str, *arguments: str, **how: str) -> str:
    """Return what a command that went well said."""
    done = board(database_url, *arguments, **how)
    assert done.returncode == 0, done.stderr
    assert all(" service.security " in line for line in done.stderr.splitlines()), done.stderr
    return done.stdout


def complaint(database_url: str, *arguments: str, exit_code: int = 1, **how: str) -> str:
    """Return the one line in which a command refused."""
    done = board(database_url, *arguments, **how)
    assert (done.returncode, done.stdout) == (exit_code, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")


@ONE_DATABASE
def test_a_failure_that_names_no_file_is_one_line_too(database_url: str) -> None:
    @console.plain_errors
    def fail(failure: OSError) -> None:
        raise failure

    for failure, expected in (
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("Nothing left"), "Nothing left"),
        (OSError(28, "No space left on device", "/a"), "No space left on device: /a"),
    ):
        with pytest.raises(click.ClickException) as said:
            fail(failure)
        assert str(said.value) == expected
    with pytest.raises(BrokenPipeError):  # whoever reads has had enough
        fail(BrokenPipeError(32, "Broken pipe"))


# People.


def test_users_are_added_listed_disabled_and_given_passwords(
    database: None, database_url: str
) -> None:
    assert said(database_url, "user", "list") == ""
    added = said(database_url, "user", "add", " Alice ", stdin=f"{PASSWORD}\nsecond line\n")
    assert added == "Added Alice, an admin.\n"
    assert password_fits("alice", PASSWORD)
    assert said(database_url, "user", "add", "bob", stdin=PASSWORD) == "Added bob, a member.\n"
    assert said(database_url, "user", "disable", "BOB") == "Disabled bob.\n"
    assert said(database_url, "user", "list") == "Alice\tadmin\tactive\nbob\tmember\tdisabled\n"
    assert said(database_url, "user", "enable", "bob") == "Enabled bob.\n"
    changed = said(database_url, "user", "password", "alice", stdin="another password\r\n")
    assert changed == "The password of Alice is set; their sessions are ended.\n"
    assert password_fits("alice", "another password")
    assert not password_fits("alice", PASSWORD)
    assert said(database_url, "migrate") == "The schema is up to date.\n"


@ONE_DATABASE
def test_a_lost_only_admin_is_back_with_one_command_while_the_board_serves(
    database: None, start_server: StartServer, database_url: str
) -> None:
    add_person("alice")
    server = start_server()
    alice = server.sign_in("alice", PASSWORD)
    assert alice.get("/admin/audit").status_code == 403
    assert re.search(r"no admin can sign in: `\S+ user role NAME admin`", server.output())
    assert said(database_url, "user", "role", "alice", "admin") == "alice is an admin now.\n"
    within(5, lambda: alice.get("/admin/audit").status_code == 200)


def test_a_user_is_deleted_once_the_operator_is_sure(database: None, database_url: str) -> None:
    account = add_person("alice")
    writing.post(account.id, "Hello")
    delete = partial(CliRunner().invoke, cli.main, env={"DATABASE_URL": database_url})
    arguments = ["user", "delete", "alice", "--texts", "empty"]
    assert delete(arguments, input="n\n").exit_code == 1
    assert accounts.find("alice")
    done = delete([*arguments, "--yes"])
    gone = f"deleted-{account.id}"
    assert done.stdout == f"Deleted alice; all their messages are emptied, under the name {gone}.\n"
    assert messages.newest(EVERYONE).messages == []
    assert said(database_url, "user", "list") == ""


def test_what_a_command_does_is_in_the_audit_log_and_told(
    database: None, database_url: str
) -> None:
    bob = add_person("bob")
    add_person("ada", "admin")
    done = CliRunner().invoke(
        cli.main, ["user", "role", "bob", "moderator"], env={"DATABASE_URL": database_url}
    )
    (line,) = done.stderr.splitlines()
    assert " service.security user.role username=operator " in line
    assert line.endswith(
        f" target=bob target_id={bob.id} was=member role=moderator uid={os.getuid()}"
    )
    with db.read():
        (entry,) = AuditEntry.select()
    assert (entry.actor, entry.action, entry.target) == ("operator", "user.role", "bob")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("arguments", "password", "expected"),
    [
        (
            ["add", "\N{FULLWIDTH LATIN CAPITAL LETTER A}LICE"],
            PASSWORD,
            "There is a user named alice already.",
        ),
        (["add", "bob"], "short", "A password has 8 to 100 characters."),
        (["add", "bob"], "", "A password has 8 to 100 characters."),
        (["add", "  "], PASSWORD, "A username has 1 to 50 characters."),
        (["add", "b\nb"], PASSWORD, "A username has visible characters only."),
        (["add", "bob"], b"\xff" * 9, "That is not text in UTF-8."),
        (["password", "alice"], "short", "A password has 8 to 100 characters."),
        (["password", "bob"], PASSWORD, "There is no user named bob."),
        (["disable", "bob"], "", "There is no user named bob."),
        (["enable", "bob"], "", "There is no user named bob."),
        (["role", "bob", "admin"], "", "There is no user named bob."),
        (["delete", "bob", "--yes"], "", "There is no user named bob."),
        (
            ["add", "deleted-7"],
            PASSWORD,
            "deleted- begins the names of those who were deleted. Choose another.",
        ),
        (
            ["role", "alice", "member"],
            "",
            "alice is the last admin who can sign in. Make somebody else an admin first.",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    database: None,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    password: str | bytes,
    expected: str,
) -> None:
    add_person("alice", "admin")
    monkeypatch.setenv("DATABASE_URL", database_url)
    done = CliRunner().invoke(cli.main, ["user", *arguments], input=password)
    assert (done.exit_code, done.output) == (1, f"Error: {expected}\n")
    assert [account.username for account in accounts.everyone()] == ["alice"]


def test_a_password_on_the_command_line_is_refused() -> None:
    for command in ("add", "password"):
        done = CliRunner().invoke(cli.main, ["user", command, "alice", PASSWORD])
        assert done.exit_code == 2
        assert "unexpected extra argument" in done.output


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["user"], ["user", "add"], ["serve", "x"]])
def test_a_mistyped_command_says_how_it_is_meant(arguments: list[str]) -> None:
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 2
    assert "Usage: " in done.output


def test_a_database_that_is_none_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("This is no database. " * 100)
    (tmp_path / "folder").mkdir()
    for name, expected in (
        ("text", "The database can't be used: file is not a database"),
        ("folder", "The database can't be used: unable to open database file"),
        ("text/board.sqlite3", f"File exists: {tmp_path}/text"),
    ):
        assert complaint(f"sqlite:///{tmp_path}/{name}", "user", "list") == expected


@ONE_DATABASE
def test_a_sqlite_that_is_too_old_is_said(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite.library, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr(sqlite.library, "sqlite_version", "3.40.1")
    done = CliRunner().invoke(cli.main, ["migrate"], env={"DATABASE_URL": database_url})
    assert done.exit_code == os.EX_CONFIG
    assert done.stderr == "Error: Python brings SQLite 3.40.1; the board needs 3.42 or newer.\n"


def test_the_database_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "DATABASE_WAIT", 0.5)
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/board")
    done = CliRunner().invoke(cli.main, ["user", "list"])
    assert done.exit_code == 1
    first, second, *_ = done.stderr.splitlines()
    assert first == "Waiting up to 0.5 s for the database."
    assert second.startswith("Error: The database can't be used: ")


# Serving.


@ONE_DATABASE
def test_serve_refuses_what_cannot_work(database_url: str, tmp_path: Path) -> None:
    refused = partial(complaint, database_url, "serve", exit_code=os.EX_CONFIG)
    without_key = refused(SECRET_KEY="", DATA_DIR=f"{tmp_path}")
    assert without_key == (
        f"SECRET_KEY is not set. `{NAME} init` makes one and keeps it in {tmp_path}/secret-key."
    )
    short = refused(SECRET_KEY="x" * 31)
    assert short.startswith("SECRET_KEY holds a key shorter than 32 bytes. ")
    assert refused(WORKERS="2") == (
        "SQLite serves one worker process: set WORKERS=1, "
        "or set DATABASE_URL to a PostgreSQL database."
    )


@ONE_DATABASE
def test_a_second_server_is_refused(start_server: StartServer, database_url: str) -> None:
    first = start_server()
    port, other = str(first.port), str(free_port())
    assert complaint(database_url, "serve", "--port", port) == (
        f"Can't listen on 127.0.0.1:{port}: Address already in use. "
        "Choose another with --host or --port."
    )
    assert complaint(database_url, "serve", "--port", other) == (
        "Another server has board.sqlite3 open already; SQLite serves one at a time."
    )
    assert httpx2.get(f"{first.url}/readyz").status_code == 200
    # Once it has gone, so has its lock; and nobody was there before.
    assert demo.USERNAME not in httpx2.get(first.url).text
    first.kill()
    first.start()


@ONE_DATABASE
def test_a_host_may_be_a_name(database: None, start_server: StartServer) -> None:
    server = start_server(HOST="localhost", wait=False)
    server.url = f"http://localhost:{server.port}"
    server.await_ready()
    (line,) = [line for line in server.output().splitlines() if "release" in line]
    told = f"release {__version__}, Board, its data in {db.place()}, at {server.url}"
    assert line.endswith(told)  # and no more: no password


def test_serve_adds_no_demo_data(database: None, server: Server) -> None:
    page = httpx2.get(server.url).text
    assert demo.USERNAME not in page
    assert demo.PASSWORD not in page
    assert accounts.everyone() == []
    assert messages.newest(EVERYONE).messages == []


# Developing.


def shown_texts() -> list[str]:
    return [message.text for message in messages.newest(EVERYONE).messages]


@ONE_DATABASE
def test_dev_shows_a_board_one_can_sign_in_to(database: None, start_server: StartServer) -> None:
    server = start_server("dev")
    expected = f"The board is at {server.url} - sign in as user@example.com with 12341234"
    assert server.output().splitlines() == [expected]
    assert "user@example.com" in httpx2.get(server.url).text
    assert "second@example.com" in httpx2.get(server.url).text
    server.sign_in("second@example.com", "12341234")
    somebody = server.sign_in("user@example.com", "12341234")
    listed = somebody.get("/api/messages").json()["messages"]
    assert [message["text"] for message in listed] == [text for _, text in demo.TEXTS[::-1]]
    assert [message["timestamp"] for message in listed] == sorted(
        (message["timestamp"] for message in listed), reverse=True
    )


def test_demo_data_is_added_once(database: None) -> None:
    for _ in range(2):
        demo.seed()
        assert shown_texts() == [text for _, text in demo.TEXTS[::-1]]
        assert [account.username for account in accounts.everyone()] == [demo.SECOND, demo.USERNAME]


def test_demo_messages_come_to_an_empty_board_only(database: None) -> None:
    assert demo.seed()
    for message in messages.newest(EVERYONE).messages:
        writing.delete(Member(message.author_id), message.id)
    posted = writing.post(message.author_id, "Somebody was here")
    assert demo.seed()
    assert shown_texts() == ["Somebody was here"]
    writing.delete(Member(posted.author_id), posted.id)
    assert demo.seed()
    assert len(shown_texts()) == 3


def test_a_board_with_users_of_its_own_gets_no_demo_user(database: None) -> None:
    add_person("alice")
    assert not demo.seed()
    assert [account.username for account in accounts.everyone()] == ["alice"]
    assert shown_texts() == []


@ONE_DATABASE
def test_dev_needs_no_key_and_takes_a_given_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: None, database_url: str
) -> None:
    seen: list[config.Settings] = []
    monkeypatch.setattr(server, "_run", lambda settings, _: seen.append(settings))
    monkeypatch.setattr(server.multiprocessing, "set_start_method", lambda _: None)
    monkeypatch.setattr(server.logs, "configure", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text(KEY)
    environ = {"DATABASE_URL": database_url, "PORT": str(free_port()), "SECRET_KEY": ""}
    for given in ({}, {}, {"SECRET_KEY": KEY}, {"SECRET_KEY_FILE": "key"}):
        done = CliRunner().invoke(cli.main, ["dev"], env=environ | given)
        assert done.exit_code == 0, done.output
    first, again, *given = [settings.secret_keys for settings in seen]
    assert first == again  # so that a restart signs nobody out
    assert given == [(KEY,), (KEY,)]
    assert (tmp_path / "var/dev-secret-key").stat().st_mode & 0o077 == 0
    assert all(settings.development for settings in seen)
    done = CliRunner().invoke(cli.main, ["dev"], env=environ | {"DATABASE_URL": None})
    assert done.exit_code == 0, done.output
    assert seen[-1].database_url == "sqlite:///var/dev.sqlite3"  # never the team's
    assert (tmp_path / "var/dev.sqlite3").stat().st_mode & 0o077 == 0
