"""The search's index: the doctor sees what it lacks, and `board reindex` makes it anew."""

import shutil
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from service import cli
from service.access.visible import EVERYONE, Member
from service.accounts import accounts
from service.data import db, sqlite
from service.data.tables import Message
from service.doctor import index
from service.messages import messages, writing
from service.search import reindex
from service.search.query import parse
from tests import patient
from tests.patient import environ_of, sql
from tests.people import ON_POSTGRESQL, ONE_DATABASE, give_role
from tests.servers import Server

TAKE_OUT = """
INSERT INTO message_index (message_index, rowid, words)
SELECT 'delete', id, words FROM messages WHERE text = 'Banana'
"""
PUT_IN = "INSERT INTO message_index (rowid, words) VALUES (1000, 'cherry')"
DIFFERS = "The search index is not that of the messages: run `board reindex`."


@pytest.fixture(autouse=True)
def fruit(account: accounts.Account) -> None:
    give_role(account.username, "admin")
    for text in ("Apple", "Banana", "Cherry", "Damson", "Elder"):
        posted = writing.post(account.id, text)
    writing.delete(Member(account.id), posted.id)


@pytest.fixture
def findings(database_url: str) -> Callable[[], list[str]]:
    """Return a function that lists what the doctor says of the search."""
    environ = environ_of(database_url)

    def findings() -> list[str]:
        found = patient.findings(environ)
        assert {check for check, _ in found} <= {"search"}
        return [text for _, text in found]

    return findings


def found(words: str) -> list[str]:
    return [
        message.text for message in messages.newest(EVERYONE, query=parse(words, "UTC")).messages
    ]


def run_reindex(database_url: str) -> str:
    done = CliRunner().invoke(cli.main, ["reindex"], env={"DATABASE_URL": database_url})
    assert done.exit_code == 0, done.output
    db.open_database(database_url)
    return done.output


def test_a_sound_index_stays_as_it_is(findings: Callable[[], list[str]], database_url: str) -> None:
    assert findings() == []
    said = run_reindex(database_url)
    assert said == "Read 5 messages, mended 0; the index is whole.\n"
    assert findings() == []
    assert found("banana") == ["Banana"]


def test_words_that_are_not_those_of_the_text(
    findings: Callable[[], list[str]], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for batched in (index, reindex):
        monkeypatch.setattr(batched, "BATCH", 2)
    sql("UPDATE messages SET words = 'nonsense' WHERE text IN ('Banana', 'Damson')")
    sql("UPDATE messages SET words = 'elder' WHERE text = ''")
    expected = "Search has the wrong words for 3 of 5 messages: run `board reindex`."
    assert findings() == [expected]
    assert (found("banana"), found("elder")) == ([], [])
    assert run_reindex(database_url) == "Read 5 messages, mended 3; the index is whole.\n"
    assert findings() == []
    assert found("banana") == ["Banana"]


def test_what_an_older_release_wrote_is_no_finding(
    findings: Callable[[], list[str]], database_url: str
) -> None:
    sql("UPDATE messages SET words = NULL WHERE text = 'Banana'")
    assert findings() == []
    with db.read():
        assert Message.select().where(Message.words.is_null()).count() == 1
    # Each command that may write begins with making the words there are none of.
    assert run_reindex(database_url) == "Read 5 messages, mended 0; the index is whole.\n"
    assert found("banana") == ["Banana"]


@ONE_DATABASE
@pytest.mark.parametrize("statement", [TAKE_OUT, PUT_IN])
def test_an_fts5_index_that_differs(
    findings: Callable[[], list[str]], database_url: str, statement: str
) -> None:
    sql(statement)
    assert findings() == [DIFFERS]
    run_reindex(database_url)
    assert findings() == []
    assert (found("banana"), found("cherry")) == (["Banana"], ["Cherry"])


@ONE_DATABASE
def test_a_damaged_fts5_index_needs_no_backup(
    findings: Callable[[], list[str]], database_url: str
) -> None:
    sql("UPDATE message_index_data SET block = zeroblob(40) WHERE id > 10")
    assert findings() == [DIFFERS]  # not the storage's, which would advise to restore a backup
    run_reindex(database_url)
    assert findings() == []
    assert found("banana") == ["Banana"]


@ONE_DATABASE
def test_nobody_waits_for_the_doctor(findings: Callable[[], list[str]], database_url: str) -> None:
    file = sqlite.file_of(database_url)
    with closing(sqlite.library.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")  # and the doctor does not wait either
        assert findings() == []


@ONE_DATABASE
@pytest.mark.parametrize("statement", [index.FTS5_COMPARE, "SELECT 1 FROM nowhere"])
def test_the_doctors_copy_is_private_and_does_not_stay(
    findings: Callable[[], list[str]],
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
) -> None:
    file, real, modes = sqlite.file_of(database_url), index._is_whole, []

    def look(copy: Path) -> bool:
        modes.append(stat.S_IMODE(copy.parent.stat().st_mode))
        assert copy.parent.parent == file.parent
        return real(copy)

    monkeypatch.setattr(index, "_is_whole", look)
    monkeypatch.setattr(index, "FTS5_COMPARE", statement)
    assert len(findings()) == ("nowhere" in statement)
    assert modes == [0o700]
    assert list(file.parent.glob("*.copy-*")) == []


@ONE_DATABASE
def test_without_room_for_a_copy_nothing_is_compared(
    findings: Callable[[], list[str]], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql(TAKE_OUT)
    usage = SimpleNamespace(total=0, free=150_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    (finding,) = findings()
    folder = sqlite.file_of(database_url).parent
    assert finding.startswith(f"The search index was not compared, as {folder} has no room for ")
    assert finding.endswith(" MB free on its disk.")
    usage.free = 50_000_000
    assert findings() == [DIFFERS]


@ONE_DATABASE
def test_words_and_index_that_both_differ(
    findings: Callable[[], list[str]], database_url: str
) -> None:
    sql(TAKE_OUT)
    sql("DROP TRIGGER message_index_update")
    sql("UPDATE messages SET words = 'nonsense' WHERE text = 'Cherry'")
    sql(
        "CREATE TRIGGER message_index_update AFTER UPDATE OF words ON messages BEGIN "
        "INSERT INTO message_index (message_index, rowid, words) "
        "VALUES ('delete', old.id, old.words); "
        "INSERT INTO message_index (rowid, words) VALUES (new.id, new.words); END"
    )
    assert len(findings()) == 2
    run_reindex(database_url)
    assert findings() == []
    assert (found("banana"), found("cherry")) == (["Banana"], ["Cherry"])


@ON_POSTGRESQL
@pytest.mark.parametrize(
    "statement",
    [
        "DROP INDEX messages_search",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'messages_search'::regclass",
    ],
)
def test_a_gin_index_that_is_none(
    findings: Callable[[], list[str]], database_url: str, statement: str
) -> None:
    sql(statement)
    assert findings() == [DIFFERS]
    run_reindex(database_url)
    assert findings() == []
    assert found("banana") == ["Banana"]


def test_the_index_is_made_anew_while_the_board_is_in_use(
    findings: Callable[[], list[str]], server: Server, database_url: str
) -> None:
    sql("UPDATE messages SET words = 'nonsense' WHERE text <> ''")
    assert run_reindex(database_url) == "Read 5 messages, mended 4; the index is whole.\n"
    assert server.ready()
    assert findings() == []
