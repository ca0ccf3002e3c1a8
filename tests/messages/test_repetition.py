"""A form sent twice: its client key makes a repeated POST harmless."""

from typing import Any

import peewee
import pytest

from service.accounts import accounts
from service.base import clock
from service.data import db
from service.data.tables import Message
from tests.people import ONE_DATABASE, PROGRAM, Person, post, texts
from tests.rooms import add_room, id_of
from tests.rooms.making import change


def test_the_same_post_again_gives_the_first_result(alice: Person) -> None:
    first = post(alice, "Once", client_key="k-1")
    assert post(alice, "Once", client_key="k-1") == first
    assert texts(alice) == ["Once"]


def test_after_an_edit_the_repeated_post_gives_the_message_as_it_is(alice: Person) -> None:
    first = post(alice, "Once", client_key="k-1")
    alice.post(f"/api/message/{first['id']}/edit", json={"message": "Twice"})
    repeated = post(alice, "Once", client_key="k-1")
    assert (repeated["id"], repeated["text"]) == (first["id"], "Twice")
    assert texts(alice) == ["Twice"]


@pytest.mark.parametrize("text", ["Once", "Another text that must not get lost"])
def test_after_a_deletion_a_post_with_its_key_is_told_so(alice: Person, text: str) -> None:
    first = post(alice, "Once", client_key="k-1")
    alice.post(f"/api/message/{first['id']}/deletion")
    answer = alice.post("/api/message", json={"message": text, "client_key": "k-1"})
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("What this form sent was deleted.")
    assert texts(alice) == []


def test_the_same_key_with_another_text_is_a_conflict(alice: Person) -> None:
    post(alice, "One", client_key="k-1")
    answer = alice.post("/api/message", json={"message": "Two", "client_key": "k-1"})
    assert answer.status_code == 409
    assert texts(alice) == ["One"]


def test_the_same_key_and_text_in_another_room_is_a_conflict(alice: Person) -> None:
    add_room("garden", "open", id_of(alice))
    first = post(alice, "Once", client_key="k-1")
    again = {"message": "Once", "client_key": "k-1"}
    answer = alice.post("/api/rooms/garden/message", json=again)
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "This form has sent this to another room already. Send again to post it here, too."
    )
    assert alice.get("/api/rooms/garden/messages", headers=PROGRAM).json()["messages"] == []
    assert post(alice, "Once", client_key="k-1") == first


@pytest.mark.parametrize("gone", [{"kind": "private"}, {"deleted_at": clock.now()}])
def test_a_key_that_was_used_in_a_room_that_one_sees_no_more_is_a_conflict(
    alice: Person, gone: dict[str, Any]
) -> None:
    place = add_room("garden", "open")
    again = {"message": "Once", "client_key": "k-1"}
    assert alice.post("/api/rooms/garden/message", json=again).status_code == 201
    change(place, **gone)
    answer = alice.post("/api/message", json=again)
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("This form has sent this to another room already.")
    assert alice.post("/api/rooms/garden/message", json=again).status_code == 404
    assert texts(alice) == []


def test_two_people_may_use_the_same_key(alice: Person, bob: Person) -> None:
    post(alice, "Alice's", client_key="k-1")
    post(bob, "Bob's", client_key="k-1")
    assert texts(alice) == ["Bob's", "Alice's"]


def test_posts_without_a_key_are_different_posts(alice: Person) -> None:
    post(alice, "Ping")
    post(alice, "Ping")
    assert texts(alice) == ["Ping", "Ping"]


@ONE_DATABASE
@pytest.mark.parametrize("key", ["a b", "k" * 65, "ключ", "k\n", "../k"])
def test_a_key_of_other_characters_is_refused(alice: Person, key: str) -> None:
    answer = alice.post("/api/message", json={"message": "Hi", "client_key": key})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["client_key"])


def test_the_database_itself_keeps_a_key_unique(alice: Person) -> None:
    post(alice, "One", client_key="k-1")
    with db.read():
        row = Message.get()
        fields = {name: getattr(row, name) for name in ("text", "timestamp", "posted_digest")}
    with pytest.raises(peewee.IntegrityError), db.write():
        Message.insert(author=row.author_id, client_key="k-1", **fields).execute()


def test_a_form_made_for_another_user_is_not_posted_as_its_reader(alice: Person) -> None:
    bob = accounts.add("bob", "correct horse")
    answer = alice.post("/api/message", json={"message": "By Bob", "author": str(bob.id)})
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "You are signed in as alice now. Send again to post as alice."
    )
    assert texts(alice) == []
