"""Serving, and developing with demo data."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from service import __version__, cli, demo
from service.access.visible import EVERYONE, Member
from service.accounts import accounts
from service.base import config
from service.commands import server
from service.data import db
from service.data.tables import BOARD
from service.messages import messages, writing
from service.rooms import rooms
from service.threads import threads
from tests.commands.saying import complaint
from tests.people import ONE_DATABASE, add_person
from tests.servers import KEY, NAME, Server, free_port

StartServer = Callable[..., Server]


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
    (line,) = [line for line in server.messages() if "release" in line]
    told = f"release {__version__}, Board, its data in {db.place()}, at {server.url}"
    assert line == told  # and no more: no password


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
    assert [message["text"] for message in listed] == [text for *_, text in demo.TEXTS[::-1]]
    assert [message["timestamp"] for message in listed] == sorted(
        (message["timestamp"] for message in listed), reverse=True
    )


def test_demo_data_is_added_once(database: None) -> None:
    for _ in range(2):
        demo.seed()
        assert shown_texts() == [text for *_, text in demo.TEXTS[::-1]]
        assert {account.username for account in accounts.everyone()} == set(demo.PEOPLE)


def test_the_demo_is_a_lively_board(database: None) -> None:
    assert demo.seed()
    assert demo.seed()
    ada, ben = (accounts.find(name) for name in (demo.USERNAME, demo.SECOND))
    assert ada
    assert ben
    assert [(room.kind, room.name) for room in rooms.mine(Member(ada.id))] == [
        ("open", "Board"),
        ("open", "Lunch"),
        ("private", "Planning"),
        ("open", "Releases"),
        ("direct", "Ben"),
    ]
    for room in rooms.mine(Member(ben.id)):
        found = messages.newest(Member(ben.id), room=room.place.id)
        assert {view.display_name for view in found.messages} <= set(demo.PEOPLE.values())
        assert len(found.messages) > 1


def test_demo_messages_come_to_an_empty_board_only(database: None) -> None:
    assert demo.seed()
    listed = messages.newest(EVERYONE).messages
    answered = [threads.find(Member(each.author_id), each.id, BOARD) for each in listed]
    for message in [*(reply for each in answered for reply in each.replies.messages), *listed]:
        writing.delete(Member(message.author_id), message.id)
    posted = writing.post(message.author_id, "Somebody was here")
    assert demo.seed()
    assert shown_texts() == ["Somebody was here"]
    writing.delete(Member(posted.author_id), posted.id)
    assert demo.seed()
    assert len(shown_texts()) == len(demo.TEXTS)


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
    monkeypatch.setattr(server.running, "run", lambda settings, _: seen.append(settings))
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
