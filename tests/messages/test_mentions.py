"""Whom a message calls: those who may see the room, and nobody from code or addresses."""

import pytest

from service.base import clock
from service.data import db, first_room
from service.data.tables import Membership, Mention, Room, User
from service.web import markup
from tests.people import HTMX, ONE_DATABASE, PROGRAM, Person, add_person, post


def called() -> set[str]:
    with db.read():
        rows = Mention.select(User.username).join(User, on=Mention.user)
        return {row.user.username for row in rows}


def edit(person: Person, id: int, text: str) -> dict[str, object]:
    answer = person.post(f"/api/message/{id}/edit", json={"message": text}, headers=PROGRAM)
    assert answer.status_code == 200
    return answer.json()


def test_it_works(alice: Person, bob: Person) -> None:
    message = post(alice, "Are you there, @bob?")
    assert message["mentions"] == ["bob"]
    assert called() == {"bob"}
    for person, marked in ((bob, True), (alice, False)):
        page = person.get("/msgs", headers=HTMX).text
        assert '<span class="mention">@bob</span>?' in page
        assert ("message-calls" in page) == marked


def test_an_edit_calls_and_takes_back_and_a_deletion_calls_nobody(
    alice: Person, bob: Person, charlie: Person
) -> None:
    id = post(alice, "@bob @charlie")["id"]
    assert called() == {"bob", "charlie"}
    assert edit(alice, id, "@charlie and `@bob`")["mentions"] == ["charlie"]
    assert called() == {"charlie"}
    assert edit(alice, id, "@bob")["mentions"] == ["bob"]
    alice.post(f"/api/message/{id}/deletion", headers=PROGRAM)
    assert called() == set()


@ONE_DATABASE
@pytest.mark.parametrize(
    "text",
    [
        *("`@bob`", "```\n@bob\n```", "https://e.com/@bob", "[@bob](https://e.com)", "a@bob"),
        *("bob@bob.example", "@bobby", "@ bob", "@@bob", "\\@bob", "@nobody", "@alice", "x.@bob"),
        *("> @bob", "- > `x` @bob", "> `x`\n> @bob\n"),
    ],
)
def test_nobody_is_called(alice: Person, bob: Person, text: str) -> None:
    assert post(alice, text)["mentions"] == []
    assert called() == set()


@ONE_DATABASE
@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("bob", text) for text in ("@bob", "@BOB: hi", "(@bob)", "**@bob**", "- @bob", "@bob's")),
        *(("Ada Lovelace", text) for text in ("@Ada Lovelace, hi", "@ada lovelace")),
        ("J.R.", "@J.R. is it"),
        ("太郎", "@太郎、"),
    ],
)  # fmt: skip
def test_names_are_found_as_they_are_typed(alice: Person, name: str, text: str) -> None:
    add_person(name)
    assert post(alice, text)["mentions"] == [name.casefold()]


@ONE_DATABASE
def test_the_longest_name_is_meant(alice: Person) -> None:
    for name in ("Ada", "Ada Lovelace"):
        add_person(name)
    assert post(alice, "@Ada Lovelace and @Ada")["mentions"] == ["ada", "ada lovelace"]
    assert post(alice, "@Ada Lovelace's")["mentions"] == ["ada lovelace"]


@ONE_DATABASE
def test_who_is_kept_out_is_not_called(alice: Person, bob: Person) -> None:
    with db.write():
        User.update(disabled_at=clock.now()).where(User.username == "bob").execute()
    assert post(alice, "@bob")["mentions"] == []


def test_everybody_in_the_room_is_called_by_who_may(
    bob: Person, charlie: Person, moderator: Person
) -> None:
    with db.write():
        first_room.catch_up()
    assert post(bob, "@room")["mentions"] == []
    assert called() == set()
    assert post(moderator, "@room, lunch with @bob")["mentions"] == ["bob", "room"]
    assert called() == {"bob", "charlie"}
    page = charlie.get("/msgs", headers=HTMX).text
    assert '<span class="mention">@room</span>' in page
    assert page.count("message-calls") == 1


def test_a_post_that_calls_is_repeatable_too(alice: Person, bob: Person) -> None:
    fields = {"message": "@bob", "client_key": "once"}
    first, again = (alice.post("/api/message", json=fields, headers=PROGRAM) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert called() == {"bob"}


def test_many_calls_are_looked_at_and_no_more() -> None:
    assert len(markup.calls("@bob " * 800)) == 800
    assert markup.calls("no call") == []


def offered(person: Person, q: str) -> list[str]:
    answer = person.get("/api/mentionable", params={"q": q}, headers=PROGRAM).json()
    return [each["username"] for each in answer["people"]] + ["room"] * answer["everybody"]


def test_whom_one_can_call_is_found_by_how_their_names_begin(
    alice: Person, moderator: Person
) -> None:
    for name in ("robin", "Rosa", "bro"):
        add_person(name)
    with db.write():
        shown = {"display_name": "Ada von Rose", "display_key": "ada von rose"}
        User.update(shown).where(User.username == "bro").execute()
    assert offered(alice, "ro") == ["robin", "Rosa", "bro"]
    assert offered(alice, "ROS") == ["Rosa", "bro"]
    assert offered(moderator, "ro") == ["robin", "Rosa", "bro", "room"]
    assert offered(alice, "%") == offered(alice, "_") == offered(alice, " ") == []
    assert offered(alice, "ali") == []


def test_in_a_private_room_only_its_members_are_found(alice: Person, bob: Person) -> None:
    add_person("bobby")
    with db.write():
        alice_id, bob_id = (row.id for row in User.select(User.id).order_by(User.id).limit(2))
        room = Room.create(slug="hidden", kind="private", name="Hidden", created_at=clock.now())
        for user in (alice_id, bob_id):
            Membership.create(room=room, user=user, joined_at=clock.now())
    there = "/api/rooms/hidden/mentionable?q=b"
    found = alice.get(there, headers=PROGRAM).json()["people"]
    assert [each["username"] for each in found] == ["bob"]
