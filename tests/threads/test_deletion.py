"""What goes out of threads: a reply, what was replied to, somebody with all they wrote."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.access.audit import OPERATOR
from service.access.visible import Member
from service.accounts.accounts import Account
from service.base.errors import NotFound
from service.data import db
from service.data.tables import BOARD
from service.messages import changing, messages, writing
from service.people import forgetting, people
from service.threads import threads
from tests.at_once import DEADLINE, is_waited_for
from tests.people import HTMX, ON_POSTGRESQL, PAGE, PROGRAM, Person, listed, post
from tests.people import texts as in_list
from tests.rooms import id_of
from tests.servers import within
from tests.threads.doing import replied, reply, texts, thread

GONE = "Deleted by its author"


def delete(person: Person, number: int) -> None:
    answer = person.post(f"/api/message/{number}/deletion", headers=PROGRAM)
    assert answer.status_code == 200, answer.text


def count(person: Person) -> int | None:
    """Return how many replies the oldest message of the list has."""
    found = listed(person)["messages"][-1]["replies"]
    return found and found["count"]


def test_a_reply_that_goes_is_counted_no_more(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    first, second = (replied(bob, root, text) for text in ("Noodles", "Soup"))
    before = thread(alice, root)["root"]
    delete(bob, first)
    after = thread(alice, root)["root"]
    assert (before["replies"]["count"], after["replies"]["count"]) == (2, 1)
    assert after["seq"] == before["seq"] + 1
    assert texts(alice, root) == ["Soup"]
    delete(bob, second)
    assert count(alice) is None
    assert in_list(alice) == ["Lunch?"]


def test_a_removed_reply_keeps_its_place_and_is_not_counted(
    alice: Person, bob: Person, moderator: Person
) -> None:
    root = post(alice, "Lunch?")["id"]
    first, _ = replied(bob, root, "Unkind"), replied(bob, root, "Noodles")
    before = thread(alice, root)["root"]["seq"]
    delete(moderator, first)
    assert count(alice) == 1
    assert thread(alice, root)["root"]["seq"] == before + 1
    assert texts(alice, root) == ["Noodles", ""]
    pane = alice.get(f"/msgs/{root}/thread", headers=HTMX | PAGE).text
    assert "Removed by a moderator" in pane
    assert "1 reply</p>" in pane


def test_what_was_answered_keeps_its_place_without_its_text(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch at my place?")["id"]
    replied(bob, root, "Noodles")
    fragment = alice.post(f"/api/message/{root}/deletion", headers=HTMX | PAGE).text
    assert f'hx-target="#m-{root}" hx-swap="outerHTML"' in fragment
    (there,) = listed(bob)["messages"]
    assert (there["text"], there["deleted"], there["removed"]) == ("", True, False)
    for path in ("/msgs", f"/msgs/{root}/thread"):
        page = bob.get(path, headers=PAGE).text
        assert GONE in page
        assert "my place" not in page
        assert f'"/msgs/{root}/edit"' not in page
        assert f"/message/{root}/pin" not in page
    assert bob.get(f"/msgs/{root}", headers=PAGE).headers["location"] == f"/msgs#message-{root}"
    replied(alice, root, "Still here")  # it can be answered
    assert texts(bob, root) == ["Still here", "Noodles"]
    refused = bob.post(f"/api/message/{root}/pin", headers=PROGRAM)
    assert refused.status_code == 404


def test_it_goes_with_the_last_reply_to_it(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    last = replied(bob, root, "Noodles")
    delete(alice, root)
    start = listed(bob)["cursor"]
    answer = bob.post(f"/api/message/{last}/deletion", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/msgs")
    assert in_list(bob) == []
    events = bob.get("/api/messages", params={"after": start}, headers=PROGRAM).json()["events"]
    assert [(each["kind"], each["id"], "message" in each) for each in events] == [
        ("deleted", last, False),
        ("replied", root, False),  # pages take it away
    ]
    never = bob.get("/api/message/17/replies", headers=PROGRAM)
    for path in (f"/api/message/{root}/replies", f"/msgs/{root}/thread"):
        assert bob.get(path, headers=PROGRAM).json().keys() == never.json().keys()
        assert bob.get(path, headers=PROGRAM).status_code == 404
    assert reply(bob, root, "Anybody?").status_code == 404


@ON_POSTGRESQL
def test_who_waits_while_the_last_reply_goes_replies_to_nothing(account: Account) -> None:
    me = Member(account.id)
    root = writing.post(account.id, "Lunch?").id
    last = threads.reply(me, root, writing.draft(me, "Noodles")).id
    writing.delete(me, root)
    with ThreadPoolExecutor() as pool:
        with db.write():
            changing.empty(changing.own(me, BOARD, last, deleted_too=True))
            replying = pool.submit(threads.reply, me, root, writing.draft(me, "Anybody?"))
            within(DEADLINE, is_waited_for)
        with pytest.raises(NotFound):
            replying.result(DEADLINE)
    with db.read():
        assert messages.newest(me).messages == []


def test_a_message_without_replies_goes_as_ever(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    fragment = alice.post(f"/api/message/{root}/deletion", headers=HTMX | PAGE).text
    assert 'hx-swap="delete"' in fragment
    assert in_list(bob) == []
    assert reply(bob, root, "Noodles").status_code == 404


def test_what_a_moderator_removed_has_its_thread(
    alice: Person, bob: Person, moderator: Person
) -> None:
    root = post(alice, "Unkind")["id"]
    delete(moderator, root)
    replied(bob, root, "That was not nice")
    page = alice.get(f"/msgs/{root}/thread", headers=PAGE).text
    assert page.count("Removed by a moderator") == 2  # in the list and in the pane
    assert GONE not in page


def test_a_thread_goes_on_without_somebody_who_is_gone(
    alice: Person, bob: Person, charlie: Person
) -> None:
    root, other = post(bob, "Lunch?")["id"], post(alice, "Tea?")["id"]
    replied(alice, root, "Noodles")
    for text in ("Milk", "Sugar"):
        replied(bob, other, text)
    replied(alice, other, "Neither")
    before = thread(alice, other)["root"]["seq"]
    people.delete(OPERATOR, id_of(bob), "empty")
    deque(forgetting.batches(), maxlen=0)
    found = {each["id"]: each for each in listed(charlie)["messages"]}
    assert found[root]["deleted"]
    assert [found[each]["replies"]["count"] for each in (root, other)] == [1, 1]
    assert texts(charlie, other) == ["Neither"]
    assert thread(charlie, other)["root"]["seq"] == before + 1
