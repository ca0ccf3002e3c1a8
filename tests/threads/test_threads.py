"""Threads: who replies to what, and where replies are seen."""

import pytest

from service.messages import messages
from tests.people import HTMX, PAGE, PROGRAM, Person, SignIn, listed, post
from tests.people import texts as in_list
from tests.threads.doing import replied, reply, texts, thread


def test_replies_stand_in_a_thread_and_the_list_has_its_root(alice: Person, bob: Person) -> None:
    root, other = post(alice, "Lunch?"), post(alice, "Nothing")
    answer = reply(bob, root["id"], "Noodles")
    assert (answer.status_code, answer.json()["parent"]) == (201, root["id"])
    last = reply(alice, root["id"], "At noon").json()
    found = {each["text"]: each["replies"] for each in listed(bob)["messages"]}
    assert found == {"Nothing": None, "Lunch?": {"count": 2, "last": last["timestamp"]}}
    assert texts(bob, root["id"]) == ["At noon", "Noodles"]
    assert texts(bob, other["id"]) == []
    assert thread(bob, root["id"])["root"]["text"] == "Lunch?"


def test_a_reply_to_a_reply_is_in_the_same_thread(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    first = replied(bob, root, "Noodles")
    assert reply(alice, first, "Or soup").json()["parent"] == root
    assert texts(alice, first) == texts(alice, root) == ["Or soup", "Noodles"]


def test_the_page_has_the_list_and_the_thread_beside_it(alice: Person, bob: Person) -> None:
    root, other = post(alice, "Lunch?")["id"], post(alice, "Other")["id"]
    first, second = replied(bob, root, "Noodles"), replied(bob, root, "Or soup")
    page = alice.get(f"/msgs/{root}/thread", headers=PAGE).text
    board, _, pane = page.partition('<aside id="pane"')
    assert [board.count(f'id="m-{each}"') for each in (root, other, first)] == [1, 1, 0]
    assert [pane.count(f'id="m-{each}"') for each in (root, other, first, second)] == [0, 0, 1, 1]
    assert pane.index("Noodles") < pane.index("Or soup")  # the oldest first
    assert "Lunch?" in pane
    assert "2 replies" in pane
    assert f'href="/msgs/{root}/thread" data-pane' in board
    fragment = alice.get(f"/msgs/{root}/thread", headers=HTMX | PAGE).text
    assert fragment.strip().startswith('<aside id="pane"')
    assert alice.get(f"/msgs/{first}/thread", headers=PROGRAM).json() == thread(alice, root)


def test_a_form_without_a_script_comes_back_to_its_reply(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    path = f"/api/message/{root}/reply"
    answer = bob.post(path, data={"message": "Noodles"}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/msgs/{root}/thread#message-2",
    )
    empty = bob.post(path, data={"message": " "}, headers=PAGE)
    assert empty.status_code == 422
    assert "Write something first." in empty.text.partition('<form id="reply"')[2]
    long = bob.post(path, data={"message": "a" * 4001}, headers=HTMX | PAGE)
    assert long.status_code == 422
    assert long.text.startswith('<form id="reply"')
    assert "a" * 4001 in long.text


def test_htmx_gets_the_reply_and_a_fresh_form(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    sent = {"message": "Noodles", "client_key": "bobs"}
    fragment = bob.post(f"/api/message/{root}/reply", data=sent, headers=HTMX | PAGE).text
    assert fragment.startswith(f'<hx-upsert hx-target="#replies-{root}" key="data-id">')
    assert '<li id="m-2"' in fragment
    form = fragment.partition('<hx-partial hx-target="#reply"')[2]
    assert "Noodles" not in form
    assert 'value="bobs"' not in form


def test_pages_of_replies_go_on(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "PAGE_SIZE", 2)
    root = post(alice, "Count")["id"]
    for number in "12345":
        replied(bob, root, number)
    assert texts(bob, root) == ["5", "4"]
    before = thread(bob, root)["before"]
    assert texts(bob, root, before=before) == ["3", "2"]
    assert thread(bob, root, before=thread(bob, root, before=before)["before"])["before"] is None
    pane = bob.get(f"/msgs/{root}/thread", headers=PAGE).text.partition('<aside id="pane"')[2]
    assert f'href="/msgs/{root}/thread?before={before}"' in pane
    older = bob.get(f"/msgs/{root}/thread?before={before}", headers=HTMX | PAGE).text
    assert older.startswith('<hx-partial hx-target="#pane .replies" hx-swap="afterbegin">')
    page = bob.get(f"/msgs/{root}/thread?before={before}", headers=PAGE).text
    assert "Newest replies" in page
    assert f'href="/msgs/{root}/thread#message-5">Newer replies' in page
    first = bob.get(f"/msgs/{root}/thread?before=3", headers=PAGE).text
    assert f'href="/msgs/{root}/thread?before=5#message-3">Newer replies' in first
    assert f'id="replies-{root}"' not in page  # what comes now does not belong below these


def test_guests_read_threads_and_write_none(alice: Person, sign_in: SignIn) -> None:
    guest = sign_in("gus", role="guest")
    root = post(alice, "Lunch?")["id"]
    replied(alice, root, "Noodles")
    assert reply(guest, root, "Me, too").status_code == 403
    assert texts(guest, root) == ["Noodles"]
    page = guest.get(f"/msgs/{root}/thread", headers=PAGE).text
    assert "Noodles" in page
    assert '<form id="reply"' not in page
    assert in_list(alice) == ["Lunch?"]
