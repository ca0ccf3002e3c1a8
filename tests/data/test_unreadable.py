"""A row that can't be read: all the others are, and somebody is told which one it is."""

from pathlib import Path

import pytest

from service.access.visible import EVERYONE
from service.app import create_app
from service.base import unreadable
from service.base.config import Settings
from service.data import db, events
from service.keep import backup, export
from service.messages import messages, writing
from tests.keeping import at, restored
from tests.patient import environ_of, findings, sql
from tests.people import PAGE, add_person
from tests.streams import LOG, running

# What a disk that fails, or another program's hand, may leave of message 2.
LEFT = {
    "sqlite": {
        "timestamp": ("'yesterday'", "''", "17", "x'ff'", "'0001-01-01'", "'9999-12-31 23:59:59'"),
        "edited_at": ("'yesterday'", "x'ff'"),
        "text": ("CAST(x'48ff69' AS TEXT)", "x'48ff69'"),
    },
    "postgresql": {
        "timestamp": ("'infinity'", "'-infinity'", "'0044-03-15 BC'", "'20000-01-01'"),
        "edited_at": ("'0044-03-15 BC'",),
    },
}
TOLD = (
    "Row 2 of messages can't be read in full, look at its {}: `board doctor` says more.",
    "Row 2 of messages can't be read in full, and the rest is shown: "
    "with SQL, set {} of messages right where id = 2, or restore a backup of before.",
)


@pytest.fixture(autouse=True)
def history(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Alice post three messages."""
    monkeypatch.setattr(unreadable, "_told", set())
    alice = add_person("alice", "admin")
    for text in ("One", "Two", "Three"):
        writing.post(alice.id, text)


@pytest.fixture
def damaged(database_url: str) -> str:
    """Let one be damaged, and return in which columns."""
    kind = database_url.partition(":")[0]
    first = {column: values[0] for column, values in LEFT[kind].items()}
    sql(f"UPDATE messages SET {', '.join(map(' = '.join, first.items()))} WHERE id = 2")  # noqa: S608
    return ", ".join(column for column in ("text", "timestamp", "edited_at") if column in first)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == unreadable.__name__]


def test_a_message_is_shown_with_whatever_can_be_read_of_it(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for column, values in LEFT[database_url.partition(":")[0]].items():
        for value in values:
            unreadable._told.clear()
            caplog.clear()
            with db.write():
                (before,) = db.database.execute_sql(
                    f"SELECT {column} FROM messages WHERE id = 2"  # noqa: S608
                ).fetchone()
            sql(f"UPDATE messages SET {column} = {value} WHERE id = 2")  # noqa: S608
            assert [each.id for each in messages.newest(EVERYONE).messages] == [3, 2, 1], value
            assert [each.cursor.seq for each in LOG.newest()[1].changes] == [1, 2, 3], value
            assert told(caplog) == [TOLD[0].format(column)], value
            with db.write():
                mark = "?" if db.on_sqlite() else "%s"
                db.database.execute_sql(
                    f"UPDATE messages SET {column} = {mark} WHERE id = 2",  # noqa: S608
                    (before,),
                )


@pytest.mark.anyio
async def test_the_board_starts_and_shows_all_the_rest(
    settings: Settings, damaged: str, caplog: pytest.LogCaptureFixture
) -> None:
    start = events.Cursor(messages.newest_cursor().epoch, 0)
    db.close_database()
    async with running(create_app(settings)) as board:
        alice = await board.sign_in("alice")
        stream = await board.open(alice, after=start)
        seen = [frame.text for _ in range(3) if (frame := await stream.frame())]
        page = await alice.get("/msgs", headers=PAGE)
        asked = ({}, {"after": str(start)}, {"q": "one or three"}, {"q": "from:alice"})
        answers = [await alice.get("/api/messages", params=given) for given in asked]
        ready = await alice.get("/readyz")
    assert (seen[0], seen[2]) == ("One", "Three")
    assert "One" in page.text
    assert "Three" in page.text
    assert {answer.status_code for answer in (page, ready, *answers)} == {200}
    assert [each["id"] for each in answers[0].json()["messages"]] == [3, 2, 1]
    assert [each["id"] for each in answers[1].json()["events"]] == [1, 2, 3]
    assert told(caplog) == [TOLD[0].format(damaged)]


def test_the_doctor_says_which_and_what_to_do(database_url: str, damaged: str) -> None:
    found = [text for check, text in findings(environ_of(database_url)) if check == "rows"]
    assert found == [TOLD[1].format(damaged)]


def test_the_doctor_finds_what_no_restore_would_take(database_url: str) -> None:
    sql("UPDATE messages SET client_key = 'a key' WHERE id = 1")
    assert findings(environ_of(database_url)) == [
        (
            "rows",
            "Row 1 of messages would keep a backup from being restored (client_key is none that a "
            "board makes): with SQL, set what is wrong of messages right where id = 1, or restore "
            "a backup of before.",
        )
    ]


def test_it_is_exported_saved_and_restored_with_the_rest(
    damaged: str, other_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for write in export.FORMATS.values():
        assert "Three" in "".join(write("Europe/Berlin", "Board"))
    backup.write(tmp_path / "saved.zip")
    restored(other_url, tmp_path / "saved.zip")
    with at(other_url):
        assert [message.id for message in messages.newest(EVERYONE).messages] == [3, 2, 1]
    assert told(caplog)[-1] == TOLD[0].format(damaged)
