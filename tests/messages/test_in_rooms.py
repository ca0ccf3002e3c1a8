"""Every address of messages serves each room: the first one's are the board's own."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.data import db
from service.data.tables import Message, Room
from service.messages import newest
from tests.people import HTMX, ON_SQLITE, PAGE, PROGRAM, Person, no_database, post
from tests.rooms import add_room, id_of

GARDEN = "/api/rooms/garden"
READS = ("", "?before=9", "?q=lunch", "?before=9&q=lunch")


@pytest.fixture
def garden(alice: Person) -> None:
    """Make a room that Alice is in."""
    add_room("garden", "open", id_of(alice), name="Garden & Sons", topic="Beds <and> paths")


def say(person: Person, text: str, room: str = GARDEN, **fields: str) -> dict[str, Any]:
    answer = person.post(f"{room}/message", json={"message": text, **fields}, headers=PROGRAM)
    assert answer.status_code == 201, answer.text
    return answer.json()


def texts(person: Person, room: str = GARDEN, **query: str) -> list[str]:
    answer = person.get(f"{room}/messages", params=query, headers=PROGRAM)
    return [message["text"] for message in answer.json()["messages"]]


@pytest.mark.usefixtures("garden")
def test_a_room_has_its_own_messages_numbers_and_search(alice: Person) -> None:
    post(alice, "Lunch on the board")
    first, second = say(alice, "Lunch outside"), say(alice, "Dinner outside")
    assert (first["id"], second["id"]) == (1, 2)
    assert texts(alice) == ["Dinner outside", "Lunch outside"]
    assert texts(alice, before="2") == texts(alice, q="lunch") == ["Lunch outside"]
    assert texts(alice, "/api") == texts(alice, "/api", q="lunch") == ["Lunch on the board"]
    matches = alice.get("/rooms/garden/matches?q=lunch", headers=HTMX).text
    assert "outside" in matches
    assert "on the board" not in matches
    sent_on = alice.get("/rooms/garden/search?words=lunch", headers=PAGE)
    assert sent_on.headers["location"] == "/rooms/garden?q=lunch"


@pytest.mark.usefixtures("garden")
def test_what_changed_is_told_by_room(alice: Person) -> None:
    start = alice.get(f"{GARDEN}/messages", headers=PROGRAM).json()["cursor"]
    post(alice, "On the board")
    say(alice, "Outside")
    for room, told in ((GARDEN, "Outside"), ("/api", "On the board")):
        answer = alice.get(f"{room}/messages", params={"after": start}, headers=PROGRAM).json()
        assert [event["message"]["text"] for event in answer["events"]] == [told]


@pytest.mark.usefixtures("garden")
def test_a_message_is_edited_and_deleted_where_it_is(alice: Person) -> None:
    post(alice, "On the board")
    say(alice, "Outside")
    form = alice.get("/rooms/garden/1/edit", headers=PAGE).text
    assert f'action="{GARDEN}/message/1/edit"' in form
    assert "Outside" in form
    assert 'href="/rooms/garden"' in form  # Cancel
    assert f'action="{GARDEN}/message/1/deletion"' in alice.get("/rooms/garden/1/deletion").text
    edited = alice.post(f"{GARDEN}/message/1/edit", data={"message": "Inside"}, headers=PAGE)
    assert (edited.status_code, edited.headers["location"].partition("#")[0]) == (
        303,
        "/rooms/garden",
    )
    assert (texts(alice), texts(alice, "/api")) == (["Inside"], ["On the board"])
    alice.post(f"{GARDEN}/message/1/deletion")
    assert (texts(alice), texts(alice, "/api")) == ([], ["On the board"])


@pytest.mark.usefixtures("garden")
def test_the_page_of_a_room_knows_its_own_addresses(alice: Person) -> None:
    say(alice, "Outside")
    page = alice.get("/rooms/garden", headers=PAGE).text
    assert "Garden &amp; Sons</a></h1>" in page
    assert "Beds &lt;and&gt; paths" in page
    assert f'action="{GARDEN}/message"' in page
    assert "/api/events?room=garden&amp;" in page
    assert 'href="/rooms/garden/1/edit"' in page
    main = page.partition("<main")[2]
    assert "/msgs" not in main.replace('href="/msgs">Go to the first room', "")
    assert "/api/message" not in main.replace(GARDEN, "")
    posted = alice.post(f"{GARDEN}/message", data={"message": "More"}, headers=PAGE)
    assert (posted.status_code, posted.headers["location"].partition("#")[0]) == (
        303,
        "/rooms/garden",
    )
    wrong = alice.get("/rooms/garden?q=from:", headers=PAGE)
    assert wrong.status_code == 422
    newest = alice.get(f"{GARDEN}/messages", headers=PROGRAM).json()["cursor"]
    assert f'data-cursor="{newest}"' in wrong.text  # what comes in the room is followed
    fragment = alice.post(f"{GARDEN}/message", data={"message": "Again"}, headers=HTMX).text
    assert fragment.count(f'"{GARDEN}/message"') == 2  # of the fresh composer
    refused = alice.post(f"{GARDEN}/message", data={"message": " "}, headers=PAGE)
    assert refused.status_code == 422
    assert "Garden &amp; Sons</a></h1>" in refused.text
    assert "Write something first." in refused.text


def test_the_slug_of_the_first_room_leads_to_the_boards_own_addresses(alice: Person) -> None:
    moved = {
        "/rooms/board": "/msgs",
        "/rooms/board?before=9&q=a%20b": "/msgs?before=9&q=a%20b",
        "/rooms/board/1/edit": "/msgs/1/edit",
        "/api/rooms/board/messages?before=2": "/api/messages?before=2",
    }
    for address, own in moved.items():
        answer = alice.get(address, headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (308, own)
    posted = alice.post(
        "/api/rooms/board/message", json={"message": "Hi"}, headers=PROGRAM, follow_redirects=True
    )
    assert posted.status_code == 201
    assert texts(alice, "/api") == ["Hi"]


def test_not_there_and_not_yours_are_the_same(alice: Person, bob: Person) -> None:
    add_room("secret", "private", id_of(alice))
    say(alice, "Behind closed doors", "/api/rooms/secret")

    def asked(slug: str) -> list[tuple[int, str]]:
        """Return what Bob gets of a room, without what differs in any two answers."""
        page, api = f"/rooms/{slug}", f"/api/rooms/{slug}"
        gets = [f"{page}{query}" for query in READS] + [f"{api}/messages{query}" for query in READS]
        gets += [f"{page}/{what}" for what in ("1/edit", "1/deletion", "matches?q=a", "search")]
        posts = [f"{api}/message", f"{api}/message/1/edit", f"{api}/message/1/deletion"]
        answers = [
            *(bob.get(path, headers=caller) for path in gets for caller in (PAGE, HTMX, PROGRAM)),
            bob.get(f"{api}/messages?after=e.1", headers=PROGRAM),
            *(
                bob.post(path, json={"message": "Mine"}, headers=caller)
                for path in posts
                for caller in (PAGE, HTMX, PROGRAM)
            ),
        ]
        return [(each.status_code, re.sub(r"[0-9a-f]{16,}", "", each.text)) for each in answers]

    assert asked("secret") == asked("nowhere") == asked("%00") == asked("x" * 33)
    assert {status for status, _ in asked("secret")} == {404}
    assert texts(alice, "/api/rooms/secret") == ["Behind closed doors"]


@pytest.mark.usefixtures("garden")
def test_what_is_in_another_room_is_not_found_by_its_number(alice: Person) -> None:
    post(alice, "On the board")
    for path in ("/rooms/garden/1/edit", "/rooms/garden/1/deletion"):
        assert alice.get(path, headers=PROGRAM).status_code == 404
    for path in ("edit", "deletion"):
        answer = alice.post(f"{GARDEN}/message/1/{path}", json={"message": "Mine"}, headers=PROGRAM)
        assert answer.status_code == 404
    assert texts(alice, "/api") == ["On the board"]


@pytest.mark.usefixtures("garden")
def test_who_is_in_no_open_room_reads_it_and_may_join_it(alice: Person, bob: Person) -> None:
    say(alice, "Outside")
    page = bob.get("/rooms/garden", headers=PAGE).text
    assert "Outside" in page
    assert 'id="composer-text"' not in page
    assert ">Join</button>" in page
    say(bob, "From a program")  # which any visible room takes
    assert texts(alice) == ["From a program", "Outside"]


@pytest.mark.usefixtures("garden")
def test_an_archived_room_is_read_and_nobody_writes_in_it(alice: Person) -> None:
    say(alice, "Outside")
    with db.write():
        Room.update(archived_at=Message.get().timestamp).where(Room.slug == "garden").execute()
        Room.update(topic="Closed").where(Room.slug == "garden").execute()
    page = alice.get("/rooms/garden?before=9", headers=PAGE).text
    assert "Outside" in page
    refused = alice.post(f"{GARDEN}/message", json={"message": "More"}, headers=PROGRAM)
    assert refused.status_code == 409
    edit = alice.post(f"{GARDEN}/message/1/edit", json={"message": "More"}, headers=PROGRAM)
    assert edit.status_code == 409
    shown = alice.post(f"{GARDEN}/message", data={"message": "More"}, headers=PAGE)
    assert shown.status_code == 409
    assert "This room is archived." in shown.text
    assert 'id="composer-text"' not in shown.text
    assert texts(alice) == ["Outside"]


def test_each_reads_a_direct_message_under_the_others_name(alice: Person, bob: Person) -> None:
    members = id_of(alice), id_of(bob)
    add_room("talk", "direct", *members, direct_key=" ".join(map(str, sorted(members))))
    for person, other in ((alice, "bob"), (bob, "alice"), (alice, "bob")):
        page = person.get("/rooms/talk", headers=PAGE).text
        assert f">{other}</a></h1>" in page
        assert f"is for {other} and you alone" in page


@ON_SQLITE
@pytest.mark.usefixtures("believed")
def test_the_newest_page_of_each_room_is_kept(
    app_client: TestClient, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    slugs = [f"room{n}" for n in range(4)]
    for slug in slugs:
        add_room(slug, "open", id_of(alice))
    pages = [alice.get(f"/rooms/{slug}", headers=PAGE) for slug in slugs]
    with no_database():
        again = [alice.get(f"/rooms/{slug}", headers=PAGE) for slug in slugs]
    assert [len(page.text) for page in again] == [len(page.text) for page in pages]
    monkeypatch.setattr(newest, "MOST_ROOMS", 2)
    for slug in slugs:
        alice.get(f"/rooms/{slug}", headers=PAGE)
    with no_database():
        kept = [alice.get(f"/rooms/{slug}", headers=PAGE).status_code for slug in slugs]
    assert kept == [503, 503, 200, 200]  # who was asked for last stays


def test_pages_of_rooms_are_kept_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "MOST_BYTES", 1000)
    by_room = newest.ByRoom()
    for slug in ("a", "b", "c"):
        one = by_room[slug]
        by_room.keep(slug, one)
        one._kept = kept = newest.Kept.__new__(newest.Kept)
        kept.size = 600
    by_room.keep("c", by_room["c"])
    assert [slug for slug in "abc" if by_room[slug].last] == ["c"]
