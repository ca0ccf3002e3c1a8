"""Searches find replies and what was replied to, and lead to the thread."""

from typing import Any

from tests.people import PAGE, PROGRAM, Person, post
from tests.people import texts as in_list
from tests.threads.doing import replied


def found(person: Person, q: str) -> list[Any]:
    answer = person.get("/api/search", params={"q": q}, headers=PROGRAM)
    assert answer.status_code == 200, answer.text
    return answer.json()["messages"]


def test_a_reply_is_found_and_leads_to_its_thread(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    number = replied(bob, root, "Noodles for @alice")
    for q in ("noodles", "mentions:me", "in:board from:bob"):
        (hit,) = found(alice, q)
        assert (hit["id"], hit["parent"]) == (number, root)
    page = alice.get("/search?q=noodles", headers=PAGE).text
    assert '<span class="tag">Reply</span>' in page
    assert f'href="/msgs/{number}">Show in the thread' in page
    in_room = alice.get("/msgs?q=noodles", headers=PAGE).text
    assert '<span class="tag">Reply</span>' in in_room
    assert f'href="/msgs/{number}">Show in the thread' in in_room
    assert in_list(alice, q="noodles") == ["Noodles for @alice"]
    lunch = alice.get("/search?q=lunch", headers=PAGE).text
    assert "Show in the room" in lunch
    assert '<span class="tag">Reply</span>' not in lunch


def test_what_has_replies_is_found_as_long_as_they_are_there(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    post(alice, "Tea?")
    number = replied(bob, root, "Noodles")
    assert [each["id"] for each in found(alice, "has:reply")] == [root]
    assert in_list(alice, q="has:reply") == ["Lunch?"]
    assert [each["text"] for each in found(alice, "-has:reply")] == ["Noodles", "Tea?"]
    bob.post(f"/api/message/{number}/deletion", headers=PROGRAM)
    assert found(alice, "has:reply") == []
    assert in_list(alice, q="has:reply") == []
