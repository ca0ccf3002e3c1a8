"""Messages for people: as lines, as a table, as a page."""

import csv
import io
import json
import re

import pytest

from service.access import options
from service.access.audit import OPERATOR
from service.access.visible import Member
from service.accounts import accounts
from service.data import db, migrations
from service.keep import export
from service.messages import writing
from service.people import people
from service.rooms import told
from service.threads import threads
from tests.keep.exporting import EVENING, conversation, exported
from tests.keeping import fill, older
from tests.people import ONE_DATABASE, add_person
from tests.rooms import making as rooms

COLUMNS = (
    *("id", "time", "author", "text", "edited", "display_name", "bot"),
    *("room", "room_name", "room_kind", "kind", "parent"),
)
FIRST_ROOM = "board", "Board", "open", "text", None


def test_json_has_a_message_in_each_line(database: None, database_url: str) -> None:
    first, last = conversation()
    lines = exported(database_url, "--format", "jsonl", "--zone", "Europe/Berlin").splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "id": first.id,
            "time": "2026-07-01T14:00:00+02:00",
            "author": "alice",
            "text": first.text,
            "edited": False,
            "display_name": "+Alice & Co",
            "bot": False,
            "room": "board",
            "room_name": "Board",
            "room_kind": "open",
            "kind": "text",
            "parent": None,
        },
        {
            "id": last.id,
            "time": "2026-11-23T00:30:05+01:00",
            "author": "=Bøb",
            "text": "See https://htmx.org/?a=1&b=2.",
            "edited": True,
            "display_name": None,
            "bot": True,
            "room": "board",
            "room_name": "Board",
            "room_kind": "open",
            "kind": "text",
            "parent": None,
        },
    ]
    assert "日本" in lines[0]


def test_csv_is_a_table_that_spreadsheets_read(database: None, database_url: str) -> None:
    first, last = conversation()
    table = exported(database_url, "--format", "csv")
    assert table.startswith(f"\ufeff{','.join(COLUMNS)}\r\n")
    assert list(csv.reader(io.StringIO(table.removeprefix("\ufeff"), newline=""))) == [
        [*COLUMNS],
        [
            *(str(first.id), "2026-07-01T12:00:00+00:00", "alice", first.text, "no"),
            *("'+Alice & Co", "no", *FIRST_ROOM[:-1], ""),
        ],
        [
            str(last.id),
            "2026-11-22T23:30:05+00:00",
            "'=Bøb",
            "See https://htmx.org/?a=1&b=2.",
            *("yes", "", "yes", *FIRST_ROOM[:-1], ""),
        ],
    ]


@ONE_DATABASE
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff20"])
def test_no_cell_of_csv_is_a_formula(database: None, start: str) -> None:
    alice = add_person("alice")
    writing.post(alice.id, f'{start}HYPERLINK("https://evil.example")')
    writing.post(alice.id, f"1 {start} 2")
    cells = csv.reader(io.StringIO("".join(export.as_csv("UTC", "")), newline=""))
    _, formula, sum_ = (row[3] for row in cells)
    assert formula == f'\'{start}HYPERLINK("https://evil.example")'
    assert sum_ == f"1 {start} 2"


def test_html_is_a_page_with_a_heading_for_each_day(database: None, database_url: str) -> None:
    first, last = conversation()
    page = exported(database_url, "--format", "html", "--zone", "Europe/Berlin")
    assert "<h1>Tea &amp; &lt;Talk&gt;</h1>" in page
    assert re.findall(r"<h2>(.*)</h2>", page) == [
        "Wednesday 1 July 2026",
        "Monday 23 November 2026",
    ]
    assert f'<article id="m-{first.id}">' in page
    assert "<h3>+Alice &amp; Co <small>alice</small></h3>" in page
    assert "<h3>=Bøb</h3> <small>bot</small>" in page
    assert page.count("<small>bot</small>") == 1
    assert "<div>Grüße,\n&#34;日本&#34; &amp; &lt;b&gt;</div>" in page
    assert 'datetime="2026-11-22T23:30:05.000000Z"' in page
    assert (
        'title="Monday 23 November 2026, 00:30:05 CET">00:30</time> <small>edited</small>' in page
    )
    assert 'href="https://htmx.org/?a=1&amp;b=2"' in page
    assert page.count("<small>edited</small>") == 1
    assert page.index(f"m-{first.id}") < page.index(f"m-{last.id}")
    assert "Oh no" not in page
    assert page.rstrip().endswith("</html>")
    assert page.count("<html") == 1


def test_dates_of_the_page_are_in_the_boards_language(database: None, database_url: str) -> None:
    conversation()
    with db.write():
        options.set(OPERATOR, "date_language", "de")
    page = exported(database_url, "--format", "html", "--zone", "Europe/Berlin")
    assert '<h2 lang="de">Mittwoch, 1. Juli 2026</h2>' in page
    assert 'title="Mittwoch, 1. Juli 2026, 14:00:00 CEST"' in page
    assert "day" not in page


def test_each_message_says_in_which_room_it_stands(database: None) -> None:
    for name in ("alice", "bob"):
        add_person(name)
    writing.post(rooms.user_of("alice"), "To all")
    rooms.say(rooms.make("attic", "alice"), "alice", "Behind doors")
    talk = rooms.make("talk", "alice", "bob", kind="direct")
    rooms.change(talk, direct_key=f"{rooms.user_of('alice')} {rooms.user_of('bob')}", name="")
    rooms.say(talk, "bob", "To you alone")
    alice = Member(rooms.user_of("alice"))
    threads.reply(alice, 1, writing.draft(alice, "An answer", place=talk))
    with db.write():
        told.tell(talk.id, rooms.user_of("alice"), "alice added *bob*")
    gone = rooms.make("cellar", "bob")
    rooms.say(gone, "bob", "Forgotten")
    rooms.change(gone, deleted_at=EVENING)
    lines = [json.loads(line) for line in export.as_jsonl("UTC", "")]
    assert [[line[name] for name in ("id", "text", *COLUMNS[-5:])] for line in lines] == [
        [1, "To all", *FIRST_ROOM],
        [1, "Behind doors", "attic", "attic", "private", "text", None],
        [1, "To you alone", "talk", "alice, bob", "direct", "text", None],
        [2, "An answer", "talk", "alice, bob", "direct", "text", 1],
        [3, "alice added *bob*", "talk", "alice, bob", "direct", "system", None],
    ]
    page = " ".join(re.sub("<[^>]+>", " ", "".join(export.as_html("UTC", ""))).split())
    for words in (
        "in Board To all",
        "in attic (private) Behind doors",
        "in a direct message: alice, bob To you alone",
        "in a direct message: alice, bob (a reply) An answer",
        "in a direct message: alice, bob alice added *bob*",
    ):
        assert words in page


def test_html_needs_no_file_beside_it(database: None) -> None:
    conversation()
    page = "".join(export.as_html("UTC", "Board"))
    assert not re.search(r"<(script|link|img|iframe|form)\b|url\(|@import|\bon\w+=", page)
    assert set(re.findall(r'(?:href|src)="([^"]*)"', page)) == {"https://htmx.org/?a=1&amp;b=2"}


def test_an_empty_board_gives_an_empty_file(database: None, database_url: str) -> None:
    assert exported(database_url, "--format", "jsonl") == ""
    assert exported(database_url, "--format", "csv") == f"\ufeff{','.join(COLUMNS)}\r\n"
    assert "There are no messages." in exported(database_url, "--format", "html")


@pytest.mark.parametrize("name", sorted(export.FORMATS))
def test_all_of_a_large_board_comes_oldest_first(database: None, name: str) -> None:
    fill(2500)
    found = re.findall(r"\bmessage (\d+)", "".join(export.FORMATS[name]("UTC", "Board")))
    assert found == [str(number) for number in range(1, 2501)]


def test_a_page_of_messages_is_in_memory_at_once(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(300)
    monkeypatch.setattr(export, "PAGE", 100)
    real, read = export._read, []
    monkeypatch.setattr(export, "_read", lambda query: read.append(1) or real(query))
    lines = export.as_jsonl("UTC", "Board")
    for number in (1, 101, 201):
        assert json.loads(next(lines))["id"] == number
        assert len(read) == number // 100 + 1
        for _ in range(99):
            next(lines)


def test_an_older_board_needs_no_migration(empty_url: str) -> None:
    older(empty_url)
    for name in export.FORMATS:
        assert "Before the upgrade" in exported(empty_url, "--format", name)
    (line,) = exported(empty_url, "--format", "jsonl").splitlines()
    assert [json.loads(line)[each] for each in COLUMNS[-5:]] == [*FIRST_ROOM]
    db.open_database(empty_url)
    assert migrations.check(db.database.obj) is False
    db.close_database()


def test_a_disabled_users_messages_are_exported_too(database: None) -> None:
    conversation()
    people.disable(OPERATOR, accounts.everyone()[0].id)
    assert len(list(export.as_jsonl("UTC", "Board"))) == 2
