"""Links to replies, and what a thread's page shows of them."""

import pytest

from service.messages import around, messages
from tests.people import HTMX, PAGE, PROGRAM, Person, post
from tests.threads.doing import replied


def leads(person: Person, number: int) -> str:
    answer = person.get(f"/msgs/{number}", headers=PAGE)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_link_to_a_reply_leads_to_its_thread(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    number = replied(bob, root, "Noodles")
    assert leads(alice, number) == f"/msgs/{root}/thread#message-{number}"
    by_htmx = alice.get(f"/msgs/{number}", headers=HTMX)
    assert by_htmx.headers["hx-redirect"] == f"/msgs/{root}/thread#message-{number}"
    assert alice.get(f"/api/message/{number}", headers=PROGRAM).json()["parent"] == root
    pane = alice.get(f"/msgs/{root}/thread", headers=PAGE).text.partition('<aside id="pane"')[2]
    assert f'href="/msgs/{number}"' in pane  # its time


def test_a_link_to_an_older_reply_leads_to_those_around_it(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "PAGE_SIZE", 4)
    monkeypatch.setattr(around, "NEWER", 2)
    root = post(alice, "Count")["id"]
    numbers = [replied(bob, root, text) for text in "1234567"]
    post(alice, "Not of the thread")
    path = leads(alice, numbers[1])
    assert path == f"/msgs/{root}/thread?before={numbers[4]}#message-{numbers[1]}"
    assert f'id="message-{numbers[1]}"' in alice.get(path, headers=PAGE).text
    assert leads(alice, numbers[5]) == f"/msgs/{root}/thread#message-{numbers[5]}"


def test_a_link_to_a_reply_that_is_gone_is_one_to_nothing(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    number = replied(bob, root, "Noodles")
    bob.post(f"/api/message/{number}/deletion", headers=PROGRAM)
    assert alice.get(f"/msgs/{number}", headers=PAGE).status_code == 404
    removed = replied(bob, root, "Unkind")
    alice.post(f"/api/message/{root}/deletion", headers=PROGRAM)
    assert leads(alice, removed) == f"/msgs/{root}/thread#message-{removed}"


def test_links_of_the_list_count_no_replies(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "PAGE_SIZE", 2)
    roots = [post(alice, text)["id"] for text in ("One", "Two", "Three")]
    for text in "abcd":
        replied(alice, roots[1], text)
    first = alice.get("/api/messages", headers=PROGRAM).json()
    assert [each["text"] for each in first["messages"]] == ["Three", "Two"]
    older = alice.get("/api/messages", params={"before": first["before"]}, headers=PROGRAM).json()
    assert [each["text"] for each in older["messages"]] == ["One"]
    assert (
        alice.get("/msgs/day?on=2020-01-01", headers=PAGE)
        .headers["location"]
        .endswith(f"#message-{roots[0]}")
    )
    assert alice.get("/msgs/day?on=2990-01-01", headers=PAGE).headers["location"] == "/msgs#end"


def test_a_quote_in_a_thread_goes_into_its_form(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    number = replied(bob, root, "Noodles")
    page = alice.get(f"/msgs/{root}/thread", headers=PAGE).text
    path = f"/msgs/{root}/thread?quote={number}"
    assert f'href="{path}#reply"' in page
    board, _, pane = alice.get(path, headers=PAGE).text.partition('<aside id="pane"')
    assert f"/msgs/{number}):\n&gt; Noodles" in pane
    assert "&gt; Noodles" not in board
    nothing = alice.get(f"/msgs/{root}/thread?quote=17", headers=PAGE)
    assert (nothing.status_code, "&gt;" in nothing.text.partition('id="reply-text"')[2]) == (
        200,
        False,
    )


def test_what_is_done_to_a_reply_comes_back_to_its_thread(alice: Person, bob: Person) -> None:
    root = post(alice, "Lunch?")["id"]
    number = replied(bob, root, "Noodles")
    place = f"/msgs/{root}/thread#message-{number}"
    deeds = {
        "edit": {"message": "Soup"},
        "reaction": {"emoji": "👍"},
        "pin": {},
        "deletion": {},
    }
    for deed, sent in deeds.items():
        answer = bob.post(f"/api/message/{number}/{deed}", data=sent, headers=PAGE)
        there = f"/msgs/{number}" if deed in {"pin", "reaction"} else place  # which leads on
        assert (answer.status_code, answer.headers["location"]) == (303, there), deed
        if deed == "pin":
            pins = bob.get("/msgs/pins", headers=PAGE).text
            assert f'href="/msgs/{number}">Show in the thread' in pins
