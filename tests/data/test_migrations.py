"""Migrations: fresh, repeated, refused, and in step with the models."""

import ast
import threading
import time
from contextlib import closing
from pathlib import Path

import peewee
import psycopg2
import pytest
from starlette.testclient import TestClient

from service.access import names as looks_of_names
from service.access.visible import EVERYONE
from service.app import create_app
from service.base import words
from service.base.config import Settings
from service.data import db, migrations, postgresql
from service.data.tables import Message, User
from service.messages import messages, writing
from service.search import query, reindex, search
from tests.data.steps import bring_back, hide_from, names
from tests.inside import run
from tests.keep.restoring import check_index
from tests.people import add_person
from tests.servers import board, free_port
from tests.streams import LOG

STEP = """
from playhouse.migrate import migrate

def up(migrator, db):
    db.execute_sql("CREATE TABLE later (id INTEGER)")
"""
OLD_BOARD = (
    "INSERT INTO users VALUES (1, 'alice', 'alice', '', 'UTC', '2026-03-01 10:00:00', NULL)",
    "INSERT INTO messages VALUES"
    " (1, 1, 'Écrit avant', '2026-03-02 10:00:00', NULL, NULL, 1, 'a', ''),"
    " (2, 1, '', '2026-03-02 10:00:01.5', NULL, '2026-03-02 10:00:02', 2, 'b', '')",
)
OLD_POST = (
    "INSERT INTO messages (author_id, text, timestamp, seq, client_key, posted_digest)"
    " VALUES (1, %s, now(), 0, %s, '')"
)
FAILING_STEP = f"{STEP}    raise ZeroDivisionError\n"


def test_an_empty_database_is_migrated_once(empty: peewee.Database) -> None:
    assert not migrations.check(empty)
    assert migrations.upgrade(empty) == names()
    assert migrations.check(empty)
    assert migrations.upgrade(empty) == []
    add_person("alice")
    assert writing.post(1, "Hello").seq == 1


def test_every_board_has_an_epoch_of_its_own(empty: peewee.Database, tmp_path: Path) -> None:
    migrations.upgrade(empty)
    first = messages.newest_cursor()
    db.close_database()
    db.open_database(f"sqlite:///{tmp_path}/another.sqlite3")
    migrations.upgrade(db.database.obj)
    second = messages.newest_cursor()
    assert first.seq == second.seq == 0
    assert first.epoch != second.epoch


def test_a_step_that_fails_leaves_the_schema_as_it_was(empty: peewee.Database, steps: Path) -> None:
    migrations.upgrade(empty)
    (steps / "9999_later.py").write_text(FAILING_STEP)
    with pytest.raises(ZeroDivisionError):
        migrations.upgrade(empty)
    with db.read():
        assert not empty.table_exists("later")
    (steps / "9999_later.py").write_text(STEP)
    assert migrations.upgrade(empty) == ["9999_later"]
    with db.read():
        assert empty.table_exists("later")


def test_messages_of_before_the_search_are_found(empty: peewee.Database, steps: Path) -> None:
    hidden = hide_from(steps, "0002")
    migrations.upgrade(empty)
    with db.write():
        for statement in OLD_BOARD:
            empty.execute_sql(statement)
    back = bring_back(hidden)
    assert migrations.upgrade(empty) == back
    (found,) = messages.newest(
        EVERYONE, query=query.parse("écrit on:2026-03-02 from:alice", "UTC")
    ).messages
    assert found.text == "Écrit avant"
    check_index()
    with db.read():
        assert all(map(reindex.words_are_right, Message.select()))


def test_users_stored_before_the_look_of_names_keep_their_names(
    empty: peewee.Database, steps: Path
) -> None:
    hidden = hide_from(steps, "0004")
    migrations.upgrade(empty)
    with db.write():
        for number, name in enumerate(("alice", "a1ice", "\u3164"), 1):
            empty.execute_sql(
                "INSERT INTO users (id, username, username_key, password_hash, timezone,"  # noqa: S608
                " created_at) VALUES"
                f" ({number}, '{name}', '{name}', '$argon2id$', 'UTC', '2026-11-22 10:00:00')"
            )
    bring_back(hidden)
    migrations.upgrade(empty)
    with db.write():
        looks_of_names.catch_up()
        looks = [row.name_skeleton for row in User.select().order_by(User.id)]
    assert looks == ["alice", None, None]


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_the_release_before_the_search_serves_while_its_step_runs(
    empty: peewee.Database, empty_url: str, steps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = hide_from(steps, "0002")
    migrations.upgrade(empty)
    with db.write():
        empty.execute_sql(OLD_BOARD[0])
        for number in range(40):
            empty.execute_sql(OLD_POST, (f"before {number}", f"b{number}"))
    bring_back(hidden)
    monkeypatch.setattr(search, "CATCH_UP", 2)
    real = words.indexed
    monkeypatch.setattr(words, "indexed", lambda *given: time.sleep(0.05) or real(*given))
    step = threading.Thread(target=lambda: (migrations.upgrade(empty), search.catch_up()))
    step.start()
    meanwhile = 0
    while step.is_alive():
        with closing(psycopg2.connect(empty_url, options="-c lock_timeout=1s")) as old, old:
            old.cursor().execute(OLD_POST, (f"meanwhile {meanwhile}", f"m{meanwhile}"))
            old.cursor().execute("UPDATE messages SET text = 'changed' WHERE client_key = 'b5'")
        meanwhile += 1
        time.sleep(0.3)
    step.join()
    assert meanwhile > 3
    for text, number in (("before", 39), ("meanwhile", meanwhile), ("changed", 1)):
        assert len(messages.newest(EVERYONE, query=query.parse(text, "UTC")).messages) == min(
            number, 50
        )


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_a_step_may_take_longer_than_a_page(
    empty_url: str, steps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "OPTIONS", "-c statement_timeout=200ms")
    (steps / "9999_later.py").write_text(f'{STEP}    db.execute_sql("SELECT pg_sleep(0.5)")\n')
    db.open_database(empty_url)
    assert migrations.upgrade(db.database.obj) == names()
    with pytest.raises(peewee.OperationalError), db.read():
        db.database.execute_sql("SELECT pg_sleep(0.5)")
    db.close_database()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sqlite_file_is_copied_aside_before_a_step_changes_it(
    database: None, steps: Path, tmp_path: Path
) -> None:
    add_person("alice")
    writing.post(1, "Before")
    cursor = messages.newest_cursor()
    assert migrations.upgrade(db.database.obj) == []
    assert list(tmp_path.glob("*.before-*")) == []
    (steps / "9999_later.py").write_text(STEP)
    assert migrations.upgrade(db.database.obj) == ["9999_later"]
    (copy,) = tmp_path.glob("*.before-*")
    assert copy.name == "board.sqlite3.before-9999_later"
    writing.post(1, "After")
    db.close_database()
    db.open_database(f"sqlite:///{copy}")
    with db.read():
        assert [message.text for message in Message.select()] == ["Before"]
        assert not db.database.table_exists("later")
    # Pages that saw what came after the copy must not go on from there.
    assert LOG.after(EVERYONE, cursor).resync


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_an_empty_file_is_not_copied(empty: peewee.Database, tmp_path: Path) -> None:
    migrations.upgrade(empty)
    assert list(tmp_path.glob("*.before-*")) == []


def test_a_program_that_the_schema_has_left_behind_refuses_in_one_sentence(
    database: None, database_url: str
) -> None:
    with db.write():
        db.database.execute_sql("UPDATE schema_floor SET step = step + 50")
    with pytest.raises(migrations.SchemaTooNew):
        migrations.upgrade(db.database.obj)
    serve = board(database_url, "serve", "--port", str(free_port()))
    for done in (run(database_url, "migrate"), run(database_url, "user", "list"), serve):
        assert (done.returncode, done.stdout) == (1, "")
        (line,) = done.stderr.splitlines()
        assert line == (
            "Error: This database needs a newer release: it dropped what step "
            f"{int(names()[-1][:4])} relies on (it wants step 55 or later). "
            "Install the newest release and start that."
        )


def test_a_program_older_than_a_schema_that_still_suits_it_goes_on(
    database: None, steps: Path
) -> None:
    (steps / "9999_later.py").write_text(STEP)
    migrations.upgrade(db.database.obj)
    (steps / "9999_later.py").unlink()
    assert migrations.check(db.database.obj)
    assert migrations.upgrade(db.database.obj) == []


def test_a_process_is_not_ready_before_its_schema(
    database: None, settings: Settings, steps: Path
) -> None:
    with TestClient(create_app(settings), base_url="http://board.test") as client:
        assert client.get("/readyz").status_code == 200
        (steps / "9999_later.py").write_text(STEP)
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["reason"]) == (503, "schema")
        migrations.upgrade(db.database.obj)
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("name", names())
def test_no_step_imports_what_changes(name: str) -> None:
    """A step does in every release what it did in its own."""
    parsed = list(ast.walk(ast.parse((migrations.STEPS / f"{name}.py").read_text())))
    imported = [node.module or "" for node in parsed if isinstance(node, ast.ImportFrom)]
    imported += [a.name for node in parsed if isinstance(node, ast.Import) for a in node.names]
    assert imported
    assert [each for each in imported if each.partition(".")[0] == "service"] == []
