"""Reactions: who puts which on a message, who sees them, and where they can't be put."""

import io
import json
from collections import deque
from typing import Any
from zipfile import ZipFile

import pytest

from service.access.audit import OPERATOR
from service.access.visible import Member
from service.accounts import accounts
from service.base import clock
from service.data import db
from service.data.tables import Event, Reaction, Room
from service.messages import writing
from service.people import forgetting, people
from tests.people import HTMX, PAGE, PROGRAM, Person, SignIn, add_person, listed, post

LIKED = [{"emoji": "👍", "by": ["bob"]}]


def react(person: Person, number: int, emoji: str, *, back: bool = False, room: str = "") -> Any:
    path = f"/api{room}/message/{number}/reaction{'/removal' if back else ''}"
    return person.post(path, json={"emoji": emoji})


def exported(person: Person) -> list[tuple[str, int, str]]:
    answer = person.post("/api/account/export", headers=PAGE)
    rows = json.loads(ZipFile(io.BytesIO(answer.content)).read("reactions.json"))
    return [(row["room"], row["id"], row["emoji"]) for row in rows]


def test_a_reaction_is_on_its_message_for_all_callers(alice: Person, bob: Person) -> None:
    number = post(alice, "One")["id"]
    answer = react(bob, number, "👍")
    assert (answer.status_code, answer.json()["reactions"]) == (200, LIKED)
    react(alice, number, "👍")
    react(alice, number, "🎉")
    (message,) = listed(alice)["messages"]
    assert message["reactions"] == [
        {"emoji": "👍", "by": ["bob", "alice"]},
        {"emoji": "🎉", "by": ["alice"]},
    ]
    page = alice.get("/msgs", headers=PAGE).text
    assert 'title="bob and alice reacted with thumbs up" data-key="👍" data-by="' in page
    path = f"/api/message/{number}/reaction"
    fragment = bob.post(path, data={"emoji": "🎉"}, headers=HTMX | PAGE).text
    assert f'<hx-partial hx-target="#m-{number}"' in fragment
    assert "🎉</span> 2" in fragment


def test_the_same_ten_times_is_one(alice: Person, bob: Person) -> None:
    first = post(alice, "One")
    seen = {react(bob, first["id"], each).json()["seq"] for each in ["❤", "❤️"] * 5}
    assert seen == {first["seq"] + 1}
    with db.read():
        assert Reaction.select().count() == 1
        assert [row.kind for row in Event.select()].count("reacted") == 1
    gone = [react(bob, first["id"], "❤️", back=True).json() for _ in range(10)]
    assert {each["seq"] for each in gone} == {first["seq"] + 2}
    assert "reactions" not in gone[-1]


def test_a_hand_has_no_colour_of_skin(alice: Person, bob: Person) -> None:
    number = post(alice, "One")["id"]
    assert react(bob, number, "👍🏽").json()["reactions"] == LIKED
    assert react(bob, number, "👍").json()["reactions"] == LIKED


@pytest.mark.parametrize("emoji", ["", "x", "👍👍", "<b>", "🦷"])
def test_only_what_the_palette_has_can_be_put(alice: Person, emoji: str) -> None:
    answer = react(alice, post(alice, "One")["id"], emoji)
    assert answer.status_code == 422
    assert "👍" in answer.json()["errors"]["emoji"]


def test_open_pages_hear_of_it_as_of_the_message_now(alice: Person, bob: Person) -> None:
    start = listed(alice)["cursor"]
    number = post(alice, "One")["id"]
    react(bob, number, "👍")
    events = alice.get("/api/messages", params={"after": start}).json()["events"]
    assert [(each["kind"], each["message"]["reactions"]) for each in events] == [
        ("posted", LIKED),
        ("reacted", LIKED),
    ]


def test_what_is_not_there_cannot_be_reacted_on(alice: Person, bob: Person) -> None:
    assert react(bob, 1, "👍").status_code == 404
    number = post(alice, "One")["id"]
    react(bob, number, "👍")
    account = accounts.find("alice")
    assert account
    writing.delete(Member(account.id), number)
    assert react(bob, number, "🎉").status_code == 404
    assert bob.get(f"/msgs/{number}/reactions", headers=PAGE).status_code == 404


def test_an_emptied_message_keeps_no_reaction(
    alice: Person, bob: Person, moderator: Person
) -> None:
    kept = post(bob, "Bob's")["id"]
    deleted, removed, left = (post(alice, text)["id"] for text in ("One", "Two", "Three"))
    for number in (kept, deleted, removed, left):
        react(bob, number, "👍")
    for person, number in ((alice, deleted), (moderator, removed)):
        gone = person.post(f"/api/message/{number}/deletion", headers=PROGRAM)
        assert gone.status_code == 200
    assert exported(bob) == [("board", kept, "👍"), ("board", left, "👍")]
    account = accounts.find("alice")
    assert account
    people.delete(OPERATOR, account.id, "empty")
    deque(forgetting.batches(), maxlen=0)
    assert exported(bob) == [("board", kept, "👍")]


def test_in_a_room_that_is_archived_or_that_one_does_not_see_nobody_reacts(
    alice: Person, bob: Person
) -> None:
    number = post(alice, "One")["id"]
    with db.write():
        Room.create(slug="secret", kind="private", name="Secret")
        Room.update(archived_at=clock.now()).where(Room.slug == "board").execute()
    unseen, nowhere = (react(bob, 1, "👍", room=f"/rooms/{slug}") for slug in ("secret", "nil"))
    assert (unseen.status_code, nowhere.status_code) == (404, 404)
    refused = react(bob, number, "👍")
    assert refused.status_code == 409
    assert "archived" in refused.json()["detail"]
    with db.read():
        assert not Reaction.select().exists()


def test_a_guest_sees_them_and_puts_none(alice: Person, sign_in: SignIn) -> None:
    guest = sign_in("gus", role="guest")
    number = post(alice, "One")["id"]
    react(alice, number, "👍")
    assert react(guest, number, "👍").status_code == 403
    page = guest.get(f"/msgs/{number}/reactions", headers=PAGE).text
    assert "👍" in page
    assert '<button class="reaction' not in page


def test_without_a_script_a_page_has_the_palette_and_ones_own(alice: Person, bob: Person) -> None:
    number = post(alice, "One")["id"]
    done = bob.post(f"/api/message/{number}/reaction", data={"emoji": "👍"}, headers=PAGE)
    assert (done.status_code, done.headers["location"]) == (303, f"/msgs/{number}")
    page = bob.get(f"/msgs/{number}/reactions", headers=PAGE).text
    assert page.count('<button class="reaction"') == 29
    assert page.count('<button class="reaction reaction-mine"') == 1
    assert 'title="thumbs up: take it back"' in page


def test_of_many_the_page_names_some_and_knows_some_more(alice: Person, bob: Person) -> None:
    number = post(alice, "One")["id"]
    ids = [add_person(f"p{each}").id for each in range(101)]
    rows = [{"message": 1, "user": each, "emoji": "👍", "reacted_at": clock.now()} for each in ids]
    with db.write():
        Reaction.insert_many(rows[:11]).execute()
    page = alice.get("/msgs", headers=PAGE).text
    assert "p8, p9 and 1 other reacted with thumbs up" in page
    assert f'data-by="{" ".join(map(str, ids[:11]))}">' in page
    with db.write():
        Reaction.insert_many(rows[11:]).execute()
    react(bob, number, "🎉")  # so that the page is another
    page = alice.get("/msgs", headers=PAGE).text
    assert "p8, p9 and 91 others reacted with thumbs up" in page
    assert f'data-by="{" ".join(map(str, ids[:100]))}" data-more>' in page


def test_what_is_not_for_ones_own_is_not_on_ones_page(alice: Person, sign_in: SignIn) -> None:
    number = post(alice, "One")["id"]
    react(alice, number, "👍")
    for person, there in ((alice, True), (sign_in("gus", role="guest"), False)):
        page = person.get("/msgs", headers=PAGE).text
        assert 'title="alice reacted with thumbs up"' in page
        for part in ("data-by", "data-react", 'id="palette"'):
            assert (part in page) == there


def test_ones_reactions_are_in_ones_export(alice: Person, bob: Person) -> None:
    number = post(alice, "One")["id"]
    react(bob, number, "👍")
    react(bob, number, "🎉")
    assert exported(bob) == [("board", number, "👍"), ("board", number, "🎉")]


def test_a_reaction_is_no_other_text_for_who_edits_its_message(alice: Person, bob: Person) -> None:
    one = post(alice, "One")
    path = f"/api/message/{one['id']}/edit"
    for emoji in ("👍", "🎉"):
        react(bob, one["id"], emoji)
    edited = alice.post(path, json={"message": "Two", "seq": str(one["seq"])})
    assert (edited.status_code, edited.json()["seq"]) == (200, one["seq"] + 3)
    react(bob, one["id"], "🎉", back=True)
    for seq in (one["seq"], edited.json()["seq"] + 9):
        late = alice.post(path, json={"message": "Three", "seq": str(seq)})
        assert late.status_code == 409
