"""A link to a message leads to it among the others; a day, to its first message."""

import datetime as dt
import re
from collections.abc import Callable

import pytest

from service.access.visible import EVERYONE
from service.data import db
from service.data.tables import User
from service.messages import messages, writing
from service.rooms.places import BOARD_PLACE, Place
from tests.people import HTMX, PAGE, PROGRAM, Person, SignIn, post
from tests.rooms import add_room, id_of

GONE = 100  # the number of one that was deleted
DAY = dt.datetime(2026, 11, 12, tzinfo=dt.UTC)


def say(author: int, count: int, place: Place = BOARD_PLACE) -> None:
    """Post messages, one an hour from a day's beginning on."""
    for hour in range(count):
        writing.post(author, f"Hour {hour}", "", DAY + dt.timedelta(hours=hour), place)


def leads(person: Person, address: str) -> str:
    answer = person.get(address, headers=PAGE)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_link_leads_to_the_message_among_newer_and_older_ones(alice: Person) -> None:
    say(id_of(alice), 70)
    assert leads(alice, "/msgs/60") == "/msgs#message-60"
    assert leads(alice, "/msgs/44") == "/msgs?before=70#message-44"
    assert leads(alice, "/msgs/1") == "/msgs?before=27#message-1"
    for number in (44, 1):
        page = alice.get(leads(alice, f"/msgs/{number}"), headers=PAGE).text
        assert f'id="message-{number}"' in page
        assert f'href="/msgs/{number}"' in page  # the time of each is the link to it
        assert 'href="/msgs#end">Newest messages' in page


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("slug", ["", "garden"])
def test_from_a_link_on_one_reads_all_that_was_said_next(
    alice: Person, slug: str, *, newest_first: bool
) -> None:
    place = add_room(slug, "private", id_of(alice)) if slug else BOARD_PLACE
    with db.write():
        User.update(newest_first=newest_first).execute()
    say(id_of(alice), 180, place)
    alice.post(f"{place.api}/message/{GONE}/deletion")
    path, seen = leads(alice, f"{place.page}/1"), [0]
    while path:
        page, last = alice.get(path, headers=PAGE).text, path
        shown = sorted(map(int, re.findall(r'id="message-(\d+)"', page)))
        assert f'id="{path.partition("#")[2]}"' in page  # where the browser goes
        assert seen[-1] + 1 >= shown[0]
        seen += [number for number in shown if number > seen[-1]]
        path = "".join(re.findall(r'href="([^"]+)">Newer messages', page))
    assert seen[1:] == [number for number in range(1, 181) if number != GONE]
    assert last.startswith(f"{place.page}#")


@pytest.mark.parametrize("newest_first", [False, True])
def test_what_a_page_waits_for_before_it_is_drawn_is_there(
    alice: Person, *, newest_first: bool
) -> None:
    say(id_of(alice), 60)
    with db.write():
        User.update(newest_first=newest_first).execute()
    for query in ("", "?before=60", "?q=hour", "?q=hour&before=60"):
        page = alice.get(f"/msgs{query}", headers=PAGE).text
        for awaited in re.findall(r'rel="expect"[^>]*href="#(\w+)"', page):
            assert f'id="{awaited}"' in page, query


def test_a_program_gets_the_message(alice: Person) -> None:
    posted = post(alice, "Hello")
    for address in ("/api/message/1", "/msgs/1"):
        assert alice.get(address, headers=PROGRAM).json() == posted
    assert alice.get("/msgs/1", headers=HTMX).headers["hx-redirect"] == "/msgs#message-1"


def test_the_times_of_system_lines_and_removed_messages_lead_to_them(
    alice: Person, moderator: Person
) -> None:
    post(alice, "Unkind")
    moderator.post("/api/message/1/deletion")
    alice.post("/api/rooms/board/name", json={"name": "Lobby"})
    page = alice.get("/msgs", headers=PAGE).text
    for number in (1, 2):
        assert f'href="/msgs/{number}"' in page
        assert leads(alice, f"/msgs/{number}") == f"/msgs#message-{number}"


def test_a_stranger_cannot_tell_a_message_from_nothing(alice: Person, bob: Person) -> None:
    place = add_room("secret", "private", id_of(alice))
    writing.post(id_of(alice), "Behind closed doors", place=place)
    post(alice, "Gone")
    alice.post("/api/message/1/deletion")
    assert leads(alice, "/rooms/secret/1") == "/rooms/secret#message-1"
    same = (
        ("/rooms/secret/1", "/rooms/secret/9", "/rooms/nowhere/1", "/msgs/1", "/msgs/9", "/msgs/a"),
        ("/rooms/secret/day?on=2026-11-12", "/rooms/nowhere/day?on=2026-11-12"),
        ("/api/rooms/secret/message/1", "/api/rooms/nowhere/message/1", "/api/message/1"),
    )
    for caller in (PAGE, PROGRAM):
        for paths in same:
            answers = [bob.get(path, headers=caller) for path in paths]
            assert {answer.status_code for answer in answers} == {404}
            assert (
                len({each.text.replace(each.headers["x-request-id"], "") for each in answers}) == 1
            )


def test_a_day_leads_to_its_first_message_in_the_readers_zone(sign_in: SignIn) -> None:
    alice, bob = sign_in("alice"), sign_in("bob", "Asia/Tokyo")
    assert leads(alice, "/msgs/day?on=2026-11-12") == "/msgs#end"
    say(id_of(alice), 70)
    assert leads(alice, "/msgs/day?on=2026-11-12") == "/msgs?before=27#message-1"
    assert leads(alice, "/msgs/day?on=2026-11-13") == "/msgs?before=51#message-25"
    assert leads(bob, "/msgs/day?on=2026-11-13") == "/msgs?before=42#message-16"
    assert leads(alice, "/msgs/day?on=2026-11-20") == "/msgs#end"
    alice.post("/api/message/25/deletion")
    assert leads(alice, "/msgs/day?on=2026-11-13") == "/msgs?before=52#message-26"
    for day in ("", "tomorrow", "2026-11-31", "0001-01-01"):
        status = alice.get(f"/msgs/day?on={day}", headers=PAGE).status_code
        assert status == (303 if day.startswith("0001") else 422)


def test_an_edited_message_says_when(alice: Person, later: Callable[..., None]) -> None:
    post(alice, "Hello")
    later(hours=1)
    alice.post("/api/message/1/edit", json={"message": "Hello again"})
    found = messages.newest(EVERYONE).messages[0].edited_at
    assert found
    page = alice.get("/msgs", headers=PAGE).text
    edited = page.partition('class="edited"')[2].partition("</time>")[0]
    assert f'datetime="{found:%Y-%m-%dT%H:%M:%S}' in edited
    assert "edited</span>" in edited
