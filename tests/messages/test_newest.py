"""The newest page is kept while nothing changes, and nobody can tell but by its speed."""

import asyncio
import re
import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from service.access.visible import Member, User
from service.base import parts
from service.base.lanes import Lanes
from service.data import sqlite
from service.messages import messages, newest, writing
from service.rooms.places import BOARD_PLACE
from tests.people import (
    HTMX,
    ON_SQLITE,
    PAGE,
    PROGRAM,
    Person,
    SignIn,
    add_person,
    no_database,
    post,
)

KEY = re.compile(r'name="client_key" value="([\w-]+)"')


def texts(person: Person) -> list[str]:
    listed = person.get("/api/messages", headers=PROGRAM).json()["messages"]
    page = person.get("/msgs", headers=PAGE).text
    shown = re.findall(r'<div class="body text"[^>]*>(.*?)</div>', page)
    assert shown == [message["text"] for message in reversed(listed)]
    return shown


def test_a_writer_sees_each_of_their_changes_at_once(alice: Person) -> None:
    assert texts(alice) == []
    first, second = post(alice, "First"), post(alice, "Second")
    assert texts(alice) == ["First", "Second"]
    alice.post(f"/api/message/{first['id']}/edit", json={"message": "Edited"})
    assert texts(alice) == ["Edited", "Second"]
    alice.post(f"/api/message/{second['id']}/deletion")
    assert texts(alice) == ["Edited"]


@ON_SQLITE
@pytest.mark.usefixtures("believed")
def test_what_nothing_has_changed_is_read_from_memory(alice: Person) -> None:
    post(alice, "Hello")
    assert texts(alice) == ["Hello"]
    with no_database():
        assert texts(alice) == ["Hello"]


@ON_SQLITE
def test_a_change_by_another_program_is_seen_once_the_page_is_looked_after(
    alice: Person, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    post(alice, "Hello")
    assert texts(alice) == ["Hello"]
    with closing(sqlite.library.connect(sqlite.file_of(database_url))) as other, other:
        other.execute("UPDATE messages SET text = 'Restored'")
        other.execute("UPDATE event_counter SET epoch = 'another'")
    monkeypatch.setattr(newest, "TRUSTED_FOR", 0)
    assert messages.newest_cursor().epoch == "another"
    kept, me = newest.Newest(BOARD_PLACE.slug), Member(1)
    assert [message.text for message in kept.read(me).listing.messages] == ["Restored"]
    assert kept.at_hand(me) is None
    assert kept.read(me) is kept.read(me)


@pytest.mark.anyio
async def test_readers_who_come_together_share_one_look_at_the_database(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(add_person, "alice")
    kept, go_on, looks = newest.Newest(BOARD_PLACE.slug), threading.Event(), []
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    read = kept._read

    def slow_read(asking: set[User]) -> newest.Kept:
        looks.append(found := read(asking))
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(5)
        return found

    monkeypatch.setattr(kept, "_read", slow_read)
    scope = {"state": parts.collect(Lanes(8, one_writer=True))}
    first = asyncio.create_task(kept.look(scope, Member(1)))
    await begun.wait()
    await asyncio.to_thread(writing.post, 1, "Committed before the others came")
    others = [asyncio.create_task(kept.look(scope, Member(1))) for _ in range(5)]
    await asyncio.sleep(0)
    others.pop().cancel()
    go_on.set()
    assert (await first).listing.messages == []
    for found in await asyncio.gather(*others):
        assert [message.text for message in found.listing.messages] == [
            "Committed before the others came"
        ]
    assert len(looks) == 2


def test_each_reader_has_a_page_of_their_own(sign_in: SignIn) -> None:
    alice, bob = sign_in("alice", "Europe/Berlin"), sign_in("bob", "Asia/Tokyo")
    carol = sign_in("carol", "Asia/Tokyo")
    post(alice, "Hello")
    pages = [person.get("/msgs", headers=PAGE).text for person in (alice, bob, carol, alice)]
    assert [page.count(" data-edit ") for page in pages] == [1, 0, 0, 1]
    assert [re.findall(r'data-name="(\w+)"', page) for page in pages] == [
        *(["alice"], ["bob"], ["carol"], ["alice"])
    ]
    assert [re.findall(r'data-zone="([\w/]+)"', page) for page in pages][:2] == [
        *(["Europe/Berlin"], ["Asia/Tokyo"])
    ]
    keys = [KEY.findall(page) for page in pages]
    assert len({key for (key,) in keys}) == 4  # one form, one key


def test_a_page_kept_in_memory_says_yesterday_after_midnight(
    alice: Person, later: Callable[..., None]
) -> None:
    post(alice, "Hello")
    labels = []
    for hours in (0, 24):
        later(hours=hours)
        page = alice.get("/msgs", headers=PAGE).text
        labels += re.findall(r'class="day-label">(\w+)', page)
    assert labels == ["Today", "Yesterday"]


@pytest.mark.parametrize(
    ("taken", "encoding"),
    [
        ("gzip", "gzip"),
        ("br;q=1, gzip;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.0, br", None),
    ],
)
@ON_SQLITE
def test_the_page_is_compressed_for_browsers_that_take_it(
    alice: Person, taken: str, encoding: str | None
) -> None:
    page = alice.get("/msgs", headers=PAGE | {"Accept-Encoding": taken})
    static = re.search(r'href="([^"]+\.css)"', page.text)
    assert static
    style = alice.get(static[1], headers={"Accept-Encoding": taken})
    again = alice.get("/msgs", headers=PAGE | {"Accept-Encoding": taken})
    keys = [KEY.findall(answer.text) for answer in (page, again)]
    assert len({key for (key,) in keys}) == 2
    assert KEY.sub("", page.text) == KEY.sub("", again.text)
    for answer in (page, style, again):
        assert answer.headers.get("content-encoding") == encoding


@ON_SQLITE
def test_a_list_that_is_loaded_anew_ends_with_itself(alice: Person) -> None:
    texts = [
        alice.get("/msgs", headers=HTMX | {"Accept-Encoding": taken}).text
        for taken in ("gzip", "identity")
    ]
    assert texts[0] == texts[1]
    assert texts[0].rstrip().endswith("</section>")
