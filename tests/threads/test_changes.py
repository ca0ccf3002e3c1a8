"""How a reply is written: once, with its event and that of its root, and only where one may."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from service.access.visible import Member
from service.base import clock
from service.base.errors import NotFound
from service.data import db
from service.data.tables import BOARD, Room
from service.messages import writing
from service.messages.messages import MessageView
from service.rooms import told
from service.threads import threads
from tests.at_once import at_once
from tests.people import HTMX, PAGE, PROGRAM, Person, listed, post
from tests.rooms import add_room, id_of
from tests.threads.doing import replied, reply, texts, thread


def changes(person: Person, after: str) -> list[dict[str, Any]]:
    answer = person.get("/api/messages", params={"after": after}, headers=PROGRAM)
    return answer.json()["events"]


def test_a_reply_and_its_root_are_told_of_in_order(alice: Person, bob: Person) -> None:
    first = post(alice, "Lunch?")
    start = listed(alice)["cursor"]
    number = replied(bob, first["id"], "Noodles")
    told_of = [(each["kind"], each["message"]) for each in changes(alice, start)]
    assert [(kind, m["id"], m["parent"]) for kind, m in told_of] == [
        ("posted", number, first["id"]),
        ("replied", first["id"], None),
    ]
    (_, answer), (_, root) = told_of
    assert (answer["seq"], root["seq"]) == (1, first["seq"] + 1)
    assert (answer["replies"], root["replies"]["count"]) == (None, 1)


def test_the_same_post_again_is_the_first_reply(alice: Person, bob: Person) -> None:
    root, other = post(alice, "Lunch?")["id"], post(alice, "Tea?")["id"]
    first = reply(bob, root, "@alice, noodles", client_key="k-1")
    start = listed(bob)["cursor"]
    again = reply(bob, root, "@alice, noodles", client_key="k-1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert changes(bob, start) == []
    for number, text in ((root, "Soup"), (other, "@alice, noodles")):
        refused = reply(bob, number, text, client_key="k-1")
        assert refused.status_code == 409
    assert "another thread already" in refused.json()["detail"]
    in_list = bob.post("/api/message", json={"message": "@alice, noodles", "client_key": "k-1"})
    assert in_list.status_code == 409
    assert texts(bob, root) == ["@alice, noodles"]
    assert texts(bob, other) == []


def test_a_deleted_reply_is_not_written_again(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    number = reply(bob, root, "Noodles", client_key="k-1").json()["id"]
    bob.post(f"/api/message/{number}/deletion", headers=PROGRAM)
    again = reply(bob, root, "Noodles", client_key="k-1")
    assert (again.status_code, texts(bob, root)) == (409, [])


def test_where_nothing_is_nobody_replies(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    with db.write():
        told.tell(BOARD, id_of(alice), "Alice renamed the room")
    add_room("secret", "private", id_of(alice))
    secret = alice.post("/api/rooms/secret/message", json={"message": "Ours"}).json()["id"]
    for path in (
        f"/api/message/{root + 1}",
        "/api/message/17",
        f"/api/rooms/secret/message/{secret}",
    ):
        answer = bob.post(f"{path}/reply", json={"message": "Hello"}, headers=PROGRAM)
        assert answer.status_code == 404, path
        assert bob.get(f"{path}/replies", headers=PROGRAM).status_code == 404
    for path in (f"/msgs/{root + 1}", "/msgs/17", f"/rooms/secret/{secret}"):
        assert bob.get(f"{path}/thread", headers=PAGE).status_code == 404


def test_nobody_learns_of_a_thread_that_they_do_not_see(alice: Person, bob: Person) -> None:
    add_room("secret", "private", id_of(alice))
    alice.post("/api/rooms/secret/message", json={"message": "Ours"})
    alice.post("/api/rooms/secret/message/1/reply", json={"message": "Mine, too"}, headers=PROGRAM)
    for caller in (PAGE, PROGRAM):
        bodies = set()
        for slug, number in (("secret", 1), ("secret", 9), ("elsewhere", 1)):
            answer = bob.get(f"/rooms/{slug}/{number}/thread", headers=caller)
            assert answer.status_code == 404
            text = answer.text.replace(slug, "…").replace(f"/{number}/", "/…/")
            bodies.add(text.replace(answer.headers["x-request-id"], "…"))
        assert len(bodies) == 1


def test_in_an_archived_room_threads_are_read(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    replied(bob, root, "Noodles")
    with db.write():
        Room.update(archived_at=clock.now()).where(Room.id == BOARD).execute()
    refused = reply(bob, root, "Soup")
    assert (refused.status_code, "archived" in refused.json()["detail"]) == (409, True)
    by_form = bob.post(f"/api/message/{root}/reply", data={"message": "Soup"}, headers=PAGE)
    assert by_form.status_code == 409
    pane = bob.get(f"/msgs/{root}/thread", headers=HTMX | PAGE).text
    assert "Noodles" in pane
    assert "Nobody replies here any more." in pane
    assert '<form id="reply"' not in pane


def test_whoever_sends_for_somebody_else_is_told_so(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    refused = reply(bob, root, "Noodles", author=str(id_of(alice)))
    assert (refused.status_code, texts(bob, root)) == (409, [])


def test_many_at_once_are_all_there_and_counted(alice: Person, bob: Person) -> None:
    """Replies, deletions and those of somebody who is gone lock messages in one order."""
    root, alices, bobs = post(alice, "Count")["id"], id_of(alice), id_of(bob)
    for _ in range(4):
        own = [_say(bobs, root, "Mine").id for _ in range(6)]
        work: list[Callable[[], object]] = [
            *(partial(writing.delete, Member(bobs), each) for each in own[:4]),
            *(partial(_say, each, root, "Late") for each in (*[alices] * 4, bobs)),
            *(partial(_edit, bobs, own[5], text) for text in "12"),
            partial(writing.delete_some, bobs),
        ]
        at_once(work)
        found = thread(alice, root)
        assert found["root"]["replies"]["count"] == len(found["messages"]) >= 4


def _say(author: int, root: int, text: str) -> MessageView:
    me = Member(author)
    return threads.reply(me, root, writing.draft(me, text))


def _edit(author: int, number: int, text: str) -> None:
    with suppress(NotFound):  # it may be gone
        writing.edit(Member(author), number, text)
