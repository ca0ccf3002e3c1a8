"""The doctor looks at the database: whether it can be reached, who reads along, its schema."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from service import cli
from service.accounts import accounts
from service.data import db, postgresql, sqlite
from service.doctor import database as database_check
from service.doctor import numbers
from service.messages import writing
from tests.patient import Examine, sql
from tests.people import ON_POSTGRESQL, ONE_DATABASE
from tests.postgresql import at_database, execute

PAGE = 4096  # bytes of a SQLite file


# The database and its schema.


@ONE_DATABASE
def test_a_database_out_of_reach_is_said_without_its_password(examine: Examine) -> None:
    for password in ("wonderland", "wonder%2Fland"):
        url = f"postgresql://alice:{password}@127.0.0.1:1/board"
        ((check, finding),) = examine(DATABASE_URL=url)
        assert check == "database"
        assert finding.startswith("The database can't be used (")
        assert "land" not in finding


@ON_POSTGRESQL
def test_a_failure_is_repeated_without_the_password(
    examine: Examine, database: None, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = urlsplit(database_url)
    password = where.password or "wonderland"
    monkeypatch.setattr(numbers, "LOG", f'TABLE "{password}"')
    login, _, host = where.netloc.rpartition("@")
    netloc = f"{login.partition(':')[0]}:{password}@{host}"
    ((check, finding),) = examine(DATABASE_URL=where._replace(netloc=netloc).geturl())
    assert (check, password in finding) == ("events", False)
    assert 'relation "***" does not exist' in finding


@ONE_DATABASE
@pytest.mark.parametrize("rest", ["alice:wonderland@db", "alice:1#wonderland@db/board"])
def test_an_address_without_a_name(examine: Examine, rest: str) -> None:
    ((check, finding),) = examine(DATABASE_URL=f"postgresql://{rest}")
    assert check == "settings"
    assert finding.startswith("DATABASE_URL is no address of a PostgreSQL database: ")
    assert "wonderland" not in finding


@ONE_DATABASE
def test_a_file_that_is_no_database(examine: Examine, tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text("This is no database. " * 100)
    ((check, finding),) = examine(DATABASE_URL=f"sqlite:///{file}")
    assert (check, "file is not a database" in finding) == ("database", True)


@ONE_DATABASE
@pytest.mark.parametrize("check", ["database", "storage"])
def test_a_damaged_file(
    examine: Examine, account: accounts.Account, database_url: str, check: str
) -> None:
    for number in range(300):
        writing.post(account.id, f"{number} is a number. " * 20)
    db.close_database()
    file = sqlite.file_of(database_url)
    place = file.read_bytes().index(b"99 is a number. ")
    with file.open("r+b") as damaged:
        # A page of messages, or the tables' definitions, without which nothing can be read.
        damaged.seek(place // PAGE * PAGE if check == "storage" else 100)
        damaged.write(b"\xff" * 64)
    finding = dict(examine())[check]
    assert "malformed" in finding or "is damaged" in finding
    assert finding.endswith("stop the board, keep a copy of the file, restore the newest backup.")


@ONE_DATABASE
def test_a_library_too_old(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "OLDEST", (99, 0))
    ((check, finding),) = examine()
    assert (check, "the board needs 99.0 or newer" in finding) == ("database", True)


@ONE_DATABASE
def test_a_board_that_everybody_can_open(
    examine: Examine, history: None, database_url: str
) -> None:
    file = sqlite.file_of(database_url)
    copy = file.with_name(f"{file.name}.before-0002_search")
    copy.touch(mode=0o600)
    file.with_name(f"{file.name}.server.lock").touch(mode=0o644)
    assert examine() == []
    copy.chmod(0o604)
    file.chmod(0o602)
    file.parent.chmod(0o777)
    findings = [text for check, text in examine() if check == "storage"]
    assert findings[0] == f"Everybody on this machine can open {file}: run `chmod o= {file}`."
    assert f"Everybody on this machine can open {copy}: run `chmod o= {copy}`." in findings
    assert findings[-1].startswith(f"Everybody on this machine can write to {file.parent}: ")


@ONE_DATABASE
def test_a_network_file_system(
    examine: Examine,
    database: None,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, mounts = sqlite.file_of(database_url), tmp_path / "mounts"
    monkeypatch.setattr(database_check, "MOUNTS", mounts)
    for kind, bad in (("nfs4", True), ("fuse.sshfs", True), ("ext4", False), ("tmpfs", False)):
        mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {file.parent} {kind} rw 0 0\n")
        findings = examine()
        assert bool(findings) == bad
        assert all(f"on a network file system ({kind})" in text for _, text in findings)


@ONE_DATABASE
def test_the_innermost_mount_counts(database_url: str) -> None:
    mounts = "a / ext4 rw\nc /srv/my\\040board xfs rw\nb /srv nfs rw\nd /srvx cifs rw\n"
    for path, kind in (("/x", "ext4"), ("/srv/x", "nfs"), ("/srv/my board/x", "xfs")):
        assert database_check.file_system(Path(path), mounts) == kind
    assert database_check.file_system(Path("/x"), "") == ""


@ON_POSTGRESQL
def test_more_connections_than_there_are(examine: Examine, database: None) -> None:
    ((check, finding),) = examine(DATABASE_POOL="500", WORKERS="2")
    assert check == "pool"
    assert finding.startswith("The board may open 1002 connections and PostgreSQL gives it ")


@ON_POSTGRESQL
def test_a_database_that_takes_no_writes(examine: Examine, database: None) -> None:
    name = db.database.obj.database
    sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert examine() == [
        ("storage", "This PostgreSQL takes no writes: name the primary server in DATABASE_URL.")
    ]


@ON_POSTGRESQL
def test_a_database_that_is_not_in_unicode(
    examine: Examine, database: None, database_url: str
) -> None:
    name = f"board_{secrets.token_hex(6)}"
    with db.read():
        db.database.execute_sql(
            f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' "
            "TEMPLATE template0"
        )
    url = at_database(database_url, name)
    findings = dict(examine(DATABASE_URL=url))
    migrated = CliRunner().invoke(cli.main, ["migrate"], env={"DATABASE_URL": url})
    db.close_database()
    execute(database_url, f"DROP DATABASE {name} WITH (FORCE)")
    assert "The database is encoded in SQL_ASCII" in findings["storage"]
    assert "run `board migrate`" in findings["schema"]
    assert migrated.exit_code == os.EX_CONFIG
    assert migrated.output.startswith("Error: This database is encoded in SQL_ASCII; ")


@ON_POSTGRESQL
def test_a_pooler_that_keeps_back_what_the_board_sets(
    examine: Examine, database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "OPTIONS", "")
    monkeypatch.setattr(db, "notify", lambda: None)
    monkeypatch.setattr(database_check, "HINT_PATIENCE", 0.1)
    findings = [text for check, text in examine() if check == "pool"]
    assert [text.partition(":")[0] for text in findings] == [
        "What the board sets for its connections does not arrive, so nothing bounds its queries",
        "Hints of changes do not arrive",
    ]


@ON_POSTGRESQL
def test_a_connection_that_others_can_read(
    examine: Examine, database: None, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_check, "is_local", lambda _: False)
    assert "is not encrypted" in dict(examine()[:1])["storage"]
    asked = f"{database_url}&sslmode=disable"
    assert not any("is not encrypted" in text for _, text in examine(DATABASE_URL=asked))


def test_a_connection_within_this_machine_needs_no_tls() -> None:
    for host in ("", "localhost", "127.0.0.1", "::1", "/run/postgresql"):
        assert database_check.is_local(host)
    assert not database_check.is_local("db.internal")


@ONE_DATABASE
def test_a_server_that_asks_for_no_password(database_url: str) -> None:
    for host, parameters, password, open_to_all in (
        ("db.example.org", {}, False, True),
        ("10.0.0.1", {}, False, True),
        ("10.0.0.1", {}, True, False),
        ("10.0.0.1", {"sslcert": "client.pem"}, False, False),
        ("127.0.0.1", {}, False, False),
        ("localhost", {}, False, False),
        ("/run/postgresql", {}, False, False),
        ("", {}, False, False),
    ):
        found = database_check.lets_anybody_in(host, parameters, password=password)
        assert found == open_to_all, host


def test_an_old_schema(examine: Examine, database: None) -> None:
    sql("DELETE FROM schema_migration WHERE name = '0002_search'")
    assert examine() == [("schema", "The schema is older than this release: run `board migrate`.")]


def test_a_schema_too_new(examine: Examine, database: None) -> None:
    sql("UPDATE schema_floor SET step = 99")
    ((check, finding),) = examine()
    assert check == "schema"
    assert finding.startswith("This database needs a newer release: ")


@ONE_DATABASE
@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_an_empty_database_is_left_empty(examine: Examine, empty_url: str) -> None:
    ((check, finding),) = examine(DATABASE_URL=empty_url)
    assert check == "schema"
    assert finding.endswith("run `board migrate`.")
    with db.read():
        assert db.database.get_tables() == []
