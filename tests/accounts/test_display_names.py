"""Display names: who may have which, and where they stand."""

import re

import pytest

from service.accounts import accounts
from service.base.errors import Conflict, Invalid
from service.data import db
from service.data.tables import AuditEntry
from service.messages import messages
from tests.people import (
    HTMX,
    ONE_DATABASE,
    PAGE,
    PASSWORD,
    PROGRAM,
    Person,
    SignIn,
    listed,
    post,
)

BY = re.compile(r'class="author">(.*?)</span>\s*<a class="time"')


def show_as(person: Person, name: str, **headers: str) -> int:
    """Take a name, as a program does; return the status."""
    return person.post(
        "/api/account/name", json={"display_name": name}, headers=headers
    ).status_code


def authors(person: Person) -> list[str]:
    """Return whom the page names beside its messages."""
    return BY.findall(person.get("/msgs", headers=PAGE).text)


def test_a_name_stands_wherever_its_person_does_and_the_username_beside_it(
    alice: Person, bob: Person
) -> None:
    post(alice, "Before")
    assert authors(bob) == ["alice"]  # the page is kept
    assert show_as(alice, " Ann  <Smith> ") == 200
    assert post(alice, "After")["display_name"] == "Ann <Smith>"
    both = "Ann &lt;Smith&gt; <small>alice</small>"
    assert authors(bob) == [both, both]
    for message in listed(bob)["messages"]:
        assert (message["author"], message["display_name"]) == ("alice", "Ann <Smith>")
    page = alice.get("/msgs", headers=PAGE).text
    assert '<span class="menu-name">Ann &lt;Smith&gt;</span>' in page
    assert 'data-name="alice"' in page
    assert show_as(alice, "") == 200
    assert authors(bob) == ["alice", "alice"]


def test_one_who_has_no_name_but_another_spelling_is_named_once(alice: Person) -> None:
    post(alice, "Hello")
    show_as(alice, "Alice")
    assert authors(alice) == ["Alice"]
    show_as(alice, "alice")
    assert listed(alice)["messages"][0]["display_name"] is None


@ONE_DATABASE
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("BOB", "bob"),  # a username
        ("B\u043eb", "letters: some look the same"),
        ("Bobby", "Bobby"),  # a shown name
        ("BOBBY", "Bobby"),
        ("Board", "the board's own name"),
        ("a\u200bb", "visible characters only"),
        ("x" * 51, "1 to 50 characters"),
    ],
)
def test_nobody_passes_for_somebody_else(
    alice: Person, sign_in: SignIn, name: str, words: str
) -> None:
    assert show_as(sign_in("bob"), "Bobby") == 200
    for headers in (PAGE, PROGRAM):
        answer = alice.post("/api/account/name", data={"display_name": name}, headers=headers)
        assert answer.status_code == 422
        if headers is PROGRAM:
            assert words in answer.json()["errors"]["display_name"]
        else:
            assert f'value="{name}"' in answer.text  # what was typed is kept
            assert 'id="display_name-error"' in answer.text


def test_no_new_user_has_a_name_that_somebody_shows(alice: Person) -> None:
    show_as(alice, "Ann")
    with pytest.raises(Conflict, match="Ann"):
        accounts.add("ANN", PASSWORD)
    with pytest.raises(Invalid, match="Ann"):
        accounts.add("dave", PASSWORD, display_name="ANN")
    show_as(alice, "")
    assert accounts.add("ANN", PASSWORD, display_name="Queen Ann").display_name == "Queen Ann"
    assert show_as(alice, "Queen ann") == 422


@pytest.mark.parametrize(("caller", "status"), [(PAGE, 303), (HTMX, 200), (PROGRAM, 200)])
@ONE_DATABASE
def test_each_kind_of_caller_is_told(alice: Person, caller: dict[str, str], status: int) -> None:
    answer = alice.post("/api/account/name", data={"display_name": "Ann"}, headers=caller)
    assert answer.status_code == status
    assert answer.headers.get("location", "/account?done=name") == "/account?done=name"
    page = alice.get("/account?done=name", headers=PAGE).text
    assert "Your name is changed." in page
    assert 'name="display_name" value="Ann"' in page


def test_a_change_is_audited_and_the_same_again_changes_nothing(
    alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")  # the log has the line, too
    for _ in range(2):
        show_as(alice, "Ann")
    with db.read():
        (entry,) = AuditEntry.select()
    assert (entry.actor, entry.action, entry.target) == ("alice", "user.renamed", "alice")
    assert entry.detail == '{"was": null, "now": "Ann"}'
    assert messages.newest_cursor().seq == 1


def test_people_are_found_by_either_name(alice: Person, bob: Person) -> None:
    post(alice, "Hers")
    post(bob, "His")
    show_as(alice, "Ann Smith")
    for name in ("alice", '"ann smith"', '"ANN SMITH"'):
        found = [message["text"] for message in listed(bob, q=f"from:{name}")["messages"]]
        assert found == ["Hers"], name
        others = [message["text"] for message in listed(bob, q=f"-from:{name}")["messages"]]
        assert others == ["His"], name
