"""Messages: post, list, edit, delete, as members and strangers see it."""

from collections.abc import Callable

from tests.people import Person

SignIn = Callable[..., Person]


def test_alice_posts_and_bob_reads(sign_in: SignIn) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    posted = alice.post("/api/message", json={"message": "Good morning"})
    assert posted.status_code == 201
    listed = bob.get("/api/messages").json()
    assert [(m["text"], m["author"]) for m in listed["messages"]] == [("Good morning", "alice")]
