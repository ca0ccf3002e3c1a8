"""Search: what is found, on both databases alike."""

import random
import string
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.access.visible import EVERYONE, Member
from service.accounts.accounts import Account
from service.base import words
from service.base.errors import Invalid
from service.data import db, sqlite, timed
from service.data.tables import Message
from service.messages import messages, writing
from service.search import marked, query, search
from tests.people import ON_POSTGRESQL, ONE_DATABASE


@pytest.fixture(autouse=True)
def by_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no room be so small that its messages are looked at one by one."""
    monkeypatch.setattr(marked, "FEW", -1)


def found(text: str, zone: str = "UTC") -> list[str]:
    """Return the texts that a search finds, newest first."""
    return [m.text for m in messages.newest(EVERYONE, query=query.parse(text, zone)).messages]


def test_a_message_is_found_by_its_words_in_any_order(account: Account) -> None:
    writing.post(account.id, "The quick brown fox")
    writing.post(account.id, "The slow brown bear")
    assert found("brown the") == ["The slow brown bear", "The quick brown fox"]
    assert found("brown quick") == ["The quick brown fox"]
    assert found("brown wolf") == []


def test_the_last_word_may_be_a_beginning_until_a_blank_follows(account: Account) -> None:
    writing.post(account.id, "Our project")
    assert found("our proj") == ["Our project"]
    assert found("our proj ") == []
    assert found("proj our") == []
    assert found('"our proj') == ["Our project"]
    assert found('"our proj"') == []


def test_a_number_of_several_parts_finds_the_version_that_begins_with_v(account: Account) -> None:
    for text in ("v1.2.3 is out", "1.2.3 too", "v1.2.4", "v1"):
        writing.post(account.id, text)
    assert found("1.2.3") == ["1.2.3 too", "v1.2.3 is out"]
    assert found("1.2") == ["v1.2.4", "1.2.3 too", "v1.2.3 is out"]
    assert found("v1.2.3") == ["v1.2.3 is out"]
    assert found("1") == ["1.2.3 too"]
    assert found("-1.2.3 from:alice") == ["v1", "v1.2.4"]
    assert query.marks(query.parse("1.2.3", "UTC"), "see v1.2.3") == [(4, 10)]


def test_an_edit_and_a_deletion_are_reflected_at_once(account: Account) -> None:
    message = writing.post(account.id, "Meet at noon")
    writing.edit(Member(account.id), message.id, "Meet at midnight")
    assert found("noon") == []
    assert found("midnight") == ["Meet at midnight"]
    writing.delete(Member(account.id), message.id)
    assert found("midnight") == []
    assert found("from:alice") == found("-x") == []


def test_filters_and_words_must_all_match(account: Account, other_account: Account) -> None:
    writing.post(account.id, "lunch and dinner")
    writing.post(other_account.id, "lunch at one")
    writing.post(other_account.id, "breakfast")
    assert found("lunch from:bob") == ["lunch at one"]
    assert found("from:alice from:bob lunch") == ["lunch at one", "lunch and dinner"]
    assert found("lunch -from:bob") == ["lunch and dinner"]
    assert found("from:BOB -lunch") == ["breakfast"]
    assert found("-lunch -breakfast") == []
    assert found("lunch from:charlie") == []
    assert found("-from:charlie breakfast") == ["breakfast"]


def test_pages_of_matches_lead_to_one_another(account: Account) -> None:
    for number in range(2 * messages.PAGE_SIZE + 10):
        writing.post(account.id, f"{'even' if number % 2 == 0 else 'odd'} {number}")
    wanted = query.parse("even ", "UTC")
    first = messages.newest(EVERYONE, query=wanted)
    second = messages.newest(EVERYONE, first.before, wanted)
    shown = [m.text for m in (*first.messages, *second.messages)]
    assert shown == [f"even {number}" for number in range(108, -1, -2)]
    assert (len(first.messages), second.before) == (messages.PAGE_SIZE, None)


def test_matches_far_apart_are_found_in_order(account: Account) -> None:
    """On PostgreSQL these lie in chunks of their own."""
    for id_ in (1, 8191, 8192, 20_000, 1_000_000):
        message = writing.post(account.id, f"far {id_}")
        with db.write():
            db.database.execute_sql("DELETE FROM events")
            Message.update(id=id_, number=id_, words=Message.words).where(
                Message.number == message.id
            ).execute()
    assert found("far") == [f"far {id_}" for id_ in (1_000_000, 20_000, 8192, 8191, 1)]
    wanted = query.parse("far", "UTC")
    assert [m.id for m in messages.newest(EVERYONE, 8192, wanted).messages] == [8191, 1]


LETTERS = st.text(st.sampled_from('abc "-*é漢字カ👍.,'), max_size=20)


@given(LETTERS)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_index_finds_what_reading_every_message_finds(corpus: list[str], text: str) -> None:
    wanted = query.parse(text, "UTC")
    asked = wanted.wanted or wanted.unwanted
    expected = [each for each in corpus if asked and matches(wanted, each)]
    assert found(text) == expected
    with pytest.MonkeyPatch.context() as patch:  # one by one
        patch.setattr(marked, "FEW", len(corpus))
        assert found(text) == expected


@pytest.fixture
def corpus(account: Account) -> list[str]:
    """Post messages of few letters, and return their texts, newest first."""
    chosen = random.Random(7)
    corpus = ["".join(chosen.choices("abc é漢字カ👍.", k=chosen.randint(1, 12))) for _ in range(40)]
    for text in (corpus := [text for text in corpus if text.strip()]):
        writing.post(account.id, text)
    return corpus[::-1]


def matches(wanted: query.Query, text: str) -> bool:
    def holds(phrase: query.Phrase) -> bool:
        return bool(query.marks(query.Query("", wanted=(phrase,)), text))

    return all(map(holds, wanted.wanted)) and not any(map(holds, wanted.unwanted))


@ONE_DATABASE
def test_no_byte_of_a_deleted_word_stays_in_the_file(account: Account, database_url: str) -> None:
    chosen = random.Random(5)
    unique = ["".join(chosen.choices(string.ascii_lowercase, k=12)) for _ in range(600)]
    posted = [writing.post(account.id, f"some words and {word}") for word in unique]
    for message in posted[::3]:
        writing.delete(Member(account.id), message.id)
    for message in posted[1::3]:
        writing.edit(Member(account.id), message.id, "replaced")
    with db.read():
        db.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = sqlite.file_of(database_url).read_bytes()
    left = [word for n, word in enumerate(unique) if n % 3 < 2 and word.encode() in stored]
    assert left == []
    assert unique[2].encode() in stored


@ON_POSTGRESQL
def test_what_an_older_release_writes_meanwhile_is_found(account: Account) -> None:
    """During a rollout the release before search writes to the same database."""
    changed = writing.post(account.id, "before the change")
    gone = writing.post(account.id, "before the deletion")
    with db.write():
        db.database.execute_sql(
            "INSERT INTO messages (author_id, text, timestamp, seq, client_key, posted_digest)"
            " VALUES (%s, 'by the old one', now(), 0, 'k', '')",
            (account.id,),
        )
        update = "UPDATE messages SET text = %s WHERE id = %s"
        db.database.execute_sql(update, ("after the change", changed.id))
        db.database.execute_sql(update, ("", gone.id))
    assert found("old") == ["by the old one"]
    assert found("before") == []
    assert found("after") == ["after the change"]


def test_searches_do_not_pile_up_in_memory() -> None:
    tracemalloc.start()
    for number in range(1000):
        marks = "\u0301" * 400
        query.parse(f"e{marks}{number} {'漢字' * 20}{number}", "UTC")
        words.split(f"x{marks[number % 400 :]}{chr(0x4E00 + number)}")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 4_000_000  # bytes; all of them would be more than 20


def test_days_cost_few_words_however_far_they_reach(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    rows = timed.rows
    monkeypatch.setattr(timed, "rows", lambda *how: asked.append(how) or rows(*how))
    writing.post(account.id, "Lunch")
    assert found("after:1970-01-02 before:9998-12-30 lunch -dinner") == ["Lunch"]
    assert str(asked).count("#") < 150


def test_a_search_for_very_many_words_is_told_so(account: Account) -> None:
    with pytest.raises(Invalid, match="200 words or characters; this one has 399"):
        query.parse("漢" * 400, "UTC")


def test_a_search_that_takes_too_long_is_stopped_and_hurts_nothing_else(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing.post(account.id, "Lunch")
    endless = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )
    with monkeypatch.context() as patch:
        patch.setattr(search, "LONGEST", 0.1)
        patch.setattr(search, "_fts5", lambda *_: "")
        patch.setattr(search, "_tsquery", lambda *_: "")
        patch.setattr(search, "SQLITE", endless)
        patch.setattr(search, "POSTGRESQL", endless)
        with pytest.raises(Invalid, match="takes too long"):
            messages.newest(EVERYONE, query=query.parse("lunch", "UTC"))
    assert found("lunch") == ["Lunch"]
