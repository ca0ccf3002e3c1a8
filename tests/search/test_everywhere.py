"""A search of all rooms: what each reader sees of it, as a page and as a list."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from service.access.visible import Member
from service.accounts import accounts
from service.base import clock, words
from service.data import db
from service.data.tables import Membership, Message, Reaction, Room
from service.messages import messages, writing
from service.rooms.places import BOARD_PLACE, Place
from service.rooms.rooms import direct_key
from service.search import marked
from service.threads import threads
from tests.people import PAGE, PROBLEM, PROGRAM, Person, post

Rooms = dict[str, Place]


def make_room(name: str, kind: str, *members: int) -> Place:
    slug = name.lower().replace(" ", "")
    key = {"direct_key": direct_key(members)} if kind == "direct" else {}
    shown = {"name": "" if kind == "direct" else name, "name_key": words.name_key(name)}
    with db.write():
        room = Room.insert(slug=slug, kind=kind, **shown, **key).execute()
        for user in members:
            Membership.insert(room=room, user=user, joined_at=clock.now()).execute()
    return Place(room, slug)


def id_of(name: str) -> int:
    account = accounts.find(name)
    assert account
    return account.id


def say(name: str, place: Place, text: str) -> int:
    return writing.post(id_of(name), text, place=place).id


def row(place: Place, number: int) -> Message:
    with db.read():
        return Message.get(Message.room == place.id, Message.number == number)


@pytest.fixture
def rooms(alice: Person, bob: Person, charlie: Person) -> Rooms:
    """Make an open room, a private one and a direct message of Alice and Bob."""
    both = id_of("alice"), id_of("bob")
    return {
        "board": BOARD_PLACE,
        "hall": make_room("Town hall", "open", *both),
        "den": make_room("Den", "private", *both),
        "talk": make_room("talk", "direct", *both),
    }


def find(person: Person, q: str, **more: str) -> dict[str, Any]:
    answer = person.get("/api/search", params={"q": q, **more}, headers=PROGRAM)
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(person: Person, q: str) -> list[str]:
    return [message["text"] for message in find(person, q)["messages"]]


@pytest.fixture
def lunches(rooms: Rooms) -> Rooms:
    for name, place in rooms.items():
        say("alice", place, f"Lunch in the {name}")
    return rooms


def test_it_finds_in_every_room_of_ones_own_newest_first(
    lunches: Rooms, bob: Person, charlie: Person
) -> None:
    found = find(bob, "lunch")
    shown = [(each["text"], each["room"], each["room_name"]) for each in found["messages"]]
    assert shown == [
        ("Lunch in the talk", "talk", "alice"),  # as Bob sees it
        ("Lunch in the den", "den", "Den"),
        ("Lunch in the hall", "townhall", "Town hall"),
        ("Lunch in the board", "board", "Board"),
    ]
    assert found["before"] is None
    assert texts(charlie, "lunch") == ["Lunch in the hall", "Lunch in the board"]
    assert charlie.get("/api/messages?q=lunch", headers=PROGRAM).json()["messages"][0]["id"] == 1


def test_a_hit_has_its_rooms_name_and_a_link_to_where_it_stands(
    lunches: Rooms, bob: Person
) -> None:
    page = bob.get("/search?q=lunch", headers=PAGE).text
    assert "<mark>Lunch</mark> in the den" in page
    assert re.findall(r'<a class="hit-room" href="([^"]*)" dir="auto">([^<]*)</a>', page) == [
        ("/rooms/talk", "alice"),
        ("/rooms/den", "Den"),
        ("/rooms/townhall", "Town hall"),
        ("/msgs", "Board"),
    ]
    links = re.findall(r'href="([^"]*)">Show in the room<', page)
    assert links == ["/rooms/talk/1", "/rooms/den/1", "/rooms/townhall/1", "/msgs/1"]


def test_a_hit_marks_whom_it_calls_and_that_it_calls_who_asks(
    lunches: Rooms, alice: Person, bob: Person
) -> None:
    post(alice, "Lunch, @bob?")
    page = bob.get("/search?q=lunch", headers=PAGE).text
    assert page.count('<li class="hit hit-calls">') == 1
    assert '<span class="mention">@bob</span>' in page
    assert "hit-calls" not in alice.get("/search?q=lunch", headers=PAGE).text


def test_in_asks_for_rooms_by_their_name_or_slug(lunches: Rooms, bob: Person) -> None:
    assert texts(bob, 'in:"town HALL" lunch') == ["Lunch in the hall"]
    assert texts(bob, "in:townhall") == texts(bob, "in:#townhall") == ["Lunch in the hall"]
    assert texts(bob, "in:den in:board") == ["Lunch in the den", "Lunch in the board"]
    assert texts(bob, "in:@alice lunch") == texts(bob, "in:alice") == ["Lunch in the talk"]
    assert texts(bob, "-in:den -in:alice lunch") == ["Lunch in the hall", "Lunch in the board"]


def test_a_room_that_one_does_not_see_is_as_one_that_is_not(
    lunches: Rooms, charlie: Person
) -> None:
    said = [
        charlie.get("/api/search", params={"q": f"in:{name} lunch"}, headers=PROGRAM)
        for name in ("den", "nil")
    ]
    assert [(each.status_code, each.headers["content-type"]) for each in said] == [
        (422, PROBLEM)
    ] * 2
    first, second = (each.json()["errors"]["q"] for each in said)
    assert first == "There is no room den. Write it as the list of rooms does."
    assert first.replace("den", "nil") == second
    page = charlie.get("/search?q=in:den", headers=PAGE)
    assert (page.status_code, 'value="in:den"' in page.text) == (422, True)


def test_a_search_of_one_room_stays_in_it(lunches: Rooms, bob: Person) -> None:
    def here(q: str) -> list[str]:
        answer = bob.get("/api/messages", params={"q": q}, headers=PROGRAM).json()
        return [message["text"] for message in answer["messages"]]

    assert here("lunch") == here("lunch in:board") == ["Lunch in the board"]
    assert here("lunch in:den") == here("lunch -in:board") == []


@pytest.mark.parametrize("few", [0, marked.FEW])
def test_what_a_message_has_can_be_asked_for(
    rooms: Rooms, alice: Person, bob: Person, charlie: Person, monkeypatch: Any, few: int
) -> None:
    monkeypatch.setattr(marked, "FEW", few)
    den = rooms["den"]
    for text in ("See https://example.org", "Pinned", "Liked", "Answered", "Hello @alice", "Bare"):
        say("bob", den, text)
    linked, pinned, liked, answered = (row(den, number) for number in range(1, 5))
    alices = id_of("alice")
    with db.write():
        Message.update(pinned_at=clock.now()).where(Message.id == pinned.id).execute()
        for emoji in "👍🎉":
            Reaction.insert(
                message=liked.id, user=alices, emoji=emoji, reacted_at=clock.now()
            ).execute()
    bobs = Member(id_of("bob"))
    threads.reply(bobs, answered.number or 0, writing.draft(bobs, "An answer", place=den))
    asked = ("has:link", "has:pin", "has:reaction", "has:reply", "mentions:me")
    assert {q: texts(alice, q) for q in asked} == {
        "has:link": [linked.text],
        "has:pin": ["Pinned"],
        "has:reaction": ["Liked"],
        "has:reply": ["Answered"],
        "mentions:me": ["Hello @alice"],
    }
    assert texts(alice, "has:pin liked") == texts(alice, "has:pin has:reaction") == []
    assert texts(alice, "has:reaction lik") == ["Liked"]
    assert texts(bob, "mentions:me") == []
    assert [texts(charlie, q) for q in asked] == [[]] * 5
    rest = ["An answer", "Bare", "Hello @alice", "Liked", "Pinned"]
    assert texts(alice, "-has:link -has:reply in:den") == rest
    assert texts(alice, "-mentions:me -has:reaction a") == ["An answer", "Answered"]


def test_a_text_with_half_an_address_has_no_link(rooms: Rooms, alice: Person) -> None:
    for text in ("https is safe", "ftp://example.org", "(HTTP://EXAMPLE.ORG)"):
        say("alice", rooms["board"], text)
    assert texts(alice, "has:link") == ["(HTTP://EXAMPLE.ORG)"]


def test_a_form_offers_what_there_is_and_loses_no_filter(alice: Person) -> None:
    page = alice.get("/search", params={"q": "has:pin has:reply lunch"}, headers=PAGE).text
    form = page[page.index('action="/search/filters"') :]
    select = form.partition('name="has"')[2].partition("</select>")[0]
    options = re.findall(r'<option value="(\w*)"( selected)?>', select)
    assert options == [
        ("", ""),
        ("link", ""),
        ("pin", " selected"),
        ("reaction", ""),
        ("reply", ""),
    ]
    assert 'name="words" value="has:reply lunch"' in form


def test_older_hits_are_a_link_away_and_no_id_is_told(rooms: Rooms, bob: Person) -> None:
    for number in range(messages.PAGE_SIZE // 2 + 1):
        for name in ("board", "den"):
            say("alice", rooms[name], f"Lunch {number} {name}")
    first = find(bob, "lunch")
    second = find(bob, "lunch", before=first["before"])
    assert [each["text"] for each in second["messages"]] == ["Lunch 0 den", "Lunch 0 board"]
    assert second["before"] is None
    assert re.fullmatch(r"place\.[\w-]{22}", first["before"])
    page = bob.get("/search?q=lunch", headers=PAGE).text
    (link,) = re.findall(r'class="button button-plain" href="(/search[^"]*)"', page)
    older = bob.get(link.replace("&amp;", "&"), headers=PAGE).text
    assert "<mark>Lunch</mark> 0 den" in older
    assert "<mark>Lunch</mark> 1 " not in older
    for before in ("place.3", "place.03", "17", "x"):
        refused = bob.get(f"/api/search?q=lunch&before={before}", headers=PROGRAM)
        assert refused.status_code == 422
        assert bob.get(f"/search?q=lunch&before={before}", headers=PAGE).status_code == 422


@pytest.mark.parametrize(
    ("q", "why"),
    [
        ("in:", "in: needs a room, such as in:board"),
        ("has:cheese", "has: can be has:link, has:pin, has:reaction or has:reply."),
        ("mentions:bob", "mentions: can be asked of oneself alone: mentions:me."),
    ],
)
def test_a_filter_that_cannot_be_read_says_what_it_can_be(alice: Person, q: str, why: str) -> None:
    answer = alice.get("/api/search", params={"q": q}, headers=PROGRAM)
    assert answer.status_code == 422
    assert answer.json()["errors"]["q"].startswith(why)


def test_filters_are_chips_that_can_be_taken_away(lunches: Rooms, bob: Person) -> None:
    q = 'in:"Town hall" lunch -from:bob'
    page = bob.get("/search", params={"q": q}, headers=PAGE).text
    chips = re.findall(r'<a class="chip" href="([^"]*)" [^>]*>\s*<span>([^<]*)</span>', page)
    assert [words for _, words in chips] == ["in:Town hall", "-from:bob"]
    rests = [parse_qs(urlsplit(link).query)["q"] for link, _ in chips]
    assert rests == [["lunch -from:bob"], ['in:"Town hall" lunch']]


def test_the_form_leads_to_the_search_it_describes(lunches: Rooms, bob: Person) -> None:
    fields = {"words": "lunch", "in": "Town hall", "has": "link", "mentions": "me", "from": "alice"}
    answer = bob.get("/search/filters", params=fields, headers=PAGE)
    (q,) = parse_qs(urlsplit(answer.headers["location"]).query)["q"]
    assert q == 'from:alice in:"Town hall" has:link mentions:me lunch'
    page = bob.get(answer.headers["location"], headers=PAGE).text
    form = page[page.index('action="/search/filters"') :]
    assert 'name="words" value="lunch"' in form
    assert 'name="in" value="Town hall"' in form
    assert '<option value="link" selected>' in form
    assert 'name="mentions" value="me" checked' in form


def test_only_rooms_that_one_sees_are_completed(lunches: Rooms, charlie: Person) -> None:
    page = charlie.get("/search", headers=PAGE).text
    options = re.findall(r'<option value="([^"]*)"></option>', page)
    assert {"Board", "Town hall", "alice"} <= set(options)
    assert "Den" not in options


def test_a_deleted_message_and_one_of_a_room_that_one_left_are_not_found(
    lunches: Rooms, alice: Person, bob: Person
) -> None:
    writing.delete(Member(id_of("alice")), 1, lunches["hall"].id)
    with db.write():
        Membership.delete().where(
            Membership.room == lunches["den"].id, Membership.user == id_of("bob")
        ).execute()
    assert texts(bob, "lunch") == ["Lunch in the talk", "Lunch in the board"]
    assert texts(alice, "lunch")[1] == "Lunch in the den"


def test_a_visitor_is_asked_to_sign_in(visitor: Person) -> None:
    assert visitor.get("/api/search?q=a", headers=PROGRAM).status_code == 401
    assert visitor.get("/search?q=a", headers=PAGE).status_code in {303, 401}


def test_the_field_of_every_page_searches_all_rooms(find_form: Callable[[str], str]) -> None:
    assert find_form("/msgs") == find_form("/account") == "/search"


@pytest.fixture
def find_form(alice: Person) -> Callable[[str], str]:
    """Return a function that says where the search field of a page leads."""

    def find_form(path: str) -> str:
        page = alice.get(path, headers=PAGE).text
        (action,) = re.findall(r'role="search" action="([^"]*)"', page)
        return action

    return find_form
