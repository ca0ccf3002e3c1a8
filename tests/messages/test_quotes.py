"""A message quoted in the next one: whose it is, a link to it, how it begins; nobody is called."""

import re

import pytest

from service.base import clock
from service.data import db
from service.data.tables import Mention, Room
from tests.people import PAGE, PROGRAM, Person, SignIn, listed, post

HEAD = "> **alice** [wrote](http://board.test/msgs/{}):\n"


def quoted(person: Person, text: str) -> str:
    """Return what quotes a message of somebody's, without its head."""
    number = post(person, text)["id"]
    answer = person.get(f"/api/message/{number}/quote", headers=PROGRAM)
    assert answer.status_code == 200
    whole: str = answer.json()["text"]
    assert whole.startswith(HEAD.format(number))
    return whole.removeprefix(HEAD.format(number))


def test_it_says_whose_it_is_and_leads_there_and_one_writes_on_below(alice: Person) -> None:
    assert quoted(alice, "One\n\n- two") == "> One\n>\n> - two\n\n"
    answered = post(alice, quoted(alice, "One\ntwo") + "Yes")
    page = alice.get("/msgs", headers=PAGE).text
    assert '<blockquote dir="auto">One\ntwo</blockquote>Yes</div>' in page
    assert answered["text"].endswith("\n\nYes")


def test_a_name_of_marks_stays_a_name(alice: Person) -> None:
    alice.post("/api/account/name", json={"display_name": "A*b_c]`"})
    number = post(alice, "One")["id"]
    text = alice.get(f"/api/message/{number}/quote").json()["text"]
    post(alice, text + "Two")
    page = alice.get("/msgs", headers=PAGE).text
    assert f'<strong>A*b_c]`</strong> <a href="http://board.test/msgs/{number}"' in page


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("x" * 500, "x\n\n"),
        ("x" * 501, "x…\n\n"),
        ("```py\n" + "x\n" * 300 + "```", "> x\n> ```\n> …\n\n"),
        ("~~~~\n```\n" + "x" * 600, "x\n> ~~~~\n> …\n\n"),
        ("```\na\n```\n" + "x" * 600, "x…\n\n"),
    ],
)
def test_a_long_one_is_quoted_as_it_begins(alice: Person, text: str, ends: str) -> None:
    found = quoted(alice, text)
    assert found.endswith(ends)
    assert len(found) < 1600
    post(alice, f"{found}`Mine`")
    page = alice.get("/msgs", headers=PAGE).text
    assert "</blockquote><code>Mine</code></div>" in page  # outside of all that is quoted


def test_what_it_quotes_itself_is_left_out(alice: Person) -> None:
    assert quoted(alice, "> **bob** wrote:\n> One\n\nMine") == "> Mine\n\n"
    assert quoted(alice, "> One") == "> > One\n\n"


def test_whom_it_mentions_is_not_called_again(alice: Person, bob: Person) -> None:
    for text in ("@bob and `@bob`", "@room", "> " * 97 + "- - @bob", "```\n@bob"):
        quote = quoted(alice, text)
        with db.read():
            before = Mention.select().count()
        assert post(alice, f"{quote}Mine")["mentions"] == []
        with db.read():
            assert Mention.select().count() == before
    assert post(alice, "> @bob\n\n@bob")["mentions"] == ["bob"]


def test_without_a_script_a_page_begins_with_it(alice: Person, bob: Person) -> None:
    number = post(bob, "One <b>")["id"]
    page = alice.get(f"/msgs?quote={number}", headers=PAGE).text
    (text,) = re.findall(r"<textarea[^>]*composer-text[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert text == f"&gt; **bob** [wrote](http://board.test/msgs/{number}):\n&gt; One &lt;b&gt;\n\n"
    assert f'href="/msgs?quote={number}#composer"' in page


def test_what_is_not_there_is_not_quoted(alice: Person, bob: Person, sign_in: SignIn) -> None:
    number = post(alice, "Gone")["id"]
    alice.post(f"/api/message/{number}/deletion", headers=PROGRAM)
    with db.write():
        Room.create(slug="secret", kind="private", name="Secret", created_at=clock.now())
    for quote in (number, 99, "x", 10**30, 0):
        page = bob.get("/msgs", params={"quote": quote}, headers=PAGE)
        assert page.status_code == 200
        assert "wrote](" not in page.text
    paths = (f"/api/message/{number}/quote", "/api/rooms/secret/message/1/quote")
    assert [bob.get(path, headers=PROGRAM).status_code for path in paths] == [404, 404]
    kept = post(alice, "Kept")["id"]
    guest = sign_in("gus", role="guest")
    assert guest.get(f"/api/message/{kept}/quote", headers=PROGRAM).status_code == 403
    # Who writes nothing, and a program, get what they would without it.
    page = guest.get(f"/msgs?quote={kept}", headers=PAGE)
    assert page.status_code == 200
    assert "wrote](" not in page.text
    assert alice.get(f"/msgs?quote={kept}", headers=PROGRAM).json() == listed(alice)
    assert len(listed(alice)["messages"]) == 1
