"""The end of one's own account."""

from collections.abc import Callable

import pytest

from service.access.roles import PEOPLE
from service.accounts import accounts
from tests.people import (
    HTMX,
    ON_SQLITE,
    PAGE,
    PROBLEM,
    PROGRAM,
    Person,
    SignIn,
    is_signed_in,
    listed,
    log_in,
    post,
)
from tests.servers import within

CALLERS = {"htmx": HTMX, "page": PAGE, "program": PROGRAM}


@pytest.mark.parametrize("texts", ["keep", "empty"])
def test_alice_deletes_her_account(sign_in: SignIn, visitor: Person, texts: str) -> None:
    alice, phone, bob = sign_in("alice"), sign_in("alice"), sign_in("bob")
    post(alice, "By Alice")
    page = alice.get("/account/deletion", headers=PAGE).text
    assert "This can't be undone." in page
    sent = {"username": "Alice", "texts": texts}
    answer = alice.post("/api/account/deletion", data=sent, headers=PAGE)
    gone = answer.headers["location"]
    assert (answer.status_code, gone) == (303, f"/account/deleted?texts={texts}")
    assert not alice.cookies
    page = alice.get(gone, headers=PAGE).text
    assert "Your account is deleted" in page
    assert ("Your messages are being deleted" in page) == (texts == "empty")
    assert [is_signed_in(person) for person in (alice, phone, bob)] == [False, False, True]
    assert log_in(visitor, "alice").status_code == 401
    kept = ["By Alice"] if texts == "keep" else []
    within(10, lambda: [each["text"] for each in listed(bob)["messages"]] == kept)
    assert all(each["author"].startswith("deleted-") for each in listed(bob)["messages"])
    assert "alice" not in bob.get("/msgs", headers=PAGE).text


@pytest.mark.parametrize("kind", CALLERS)
def test_every_kind_of_caller_is_told_what_is_wrong(alice: Person, kind: str) -> None:
    for sent, faulty in (
        ({"username": "alice"}, ["texts"]),
        ({"username": "bob", "texts": "keep"}, ["username"]),
        ({"texts": "all"}, ["username", "texts"]),
    ):
        answer = alice.post("/api/account/deletion", data=sent, headers=CALLERS[kind])
        assert answer.status_code == 422
        if kind == "program":
            assert (answer.headers["content-type"], list(answer.json()["errors"])) == (
                PROBLEM,
                faulty,
            )
        else:
            assert ("<html" in answer.text) == (kind == "page")
            assert all(f'id="{name}-error"' in answer.text for name in faulty)
    assert (
        'value="bob"'
        in alice.post("/api/account/deletion", data={"username": "bob"}, headers=PAGE).text
    )
    assert is_signed_in(alice)


def test_the_last_admin_stays(admin: Person, sign_in: SignIn) -> None:
    sent = {"username": "ada", "texts": "keep"}
    refused = admin.post("/api/account/deletion", json=sent)
    assert refused.status_code == 409
    page = admin.post("/api/account/deletion", data=sent, headers=PAGE)
    assert page.status_code == 409
    assert "Make somebody else an admin first." in page.text
    assert 'value="keep" required checked' in page.text
    sign_in("eve", role="admin")
    assert admin.post("/api/account/deletion", json=sent).json() == {"deleted": True}
    assert not is_signed_in(admin)


def test_whoever_signed_in_long_ago_confirms_first(
    alice: Person, later: Callable[..., None]
) -> None:
    later(minutes=11)
    sent = {"username": "alice", "texts": "empty"}
    asked = alice.post("/api/account/deletion", data=sent, headers=PAGE)
    assert asked.status_code == 403
    assert "data-leaves" in asked.text
    assert accounts.find("alice")
    assert all(f'name="{name}" value="{value}"' in asked.text for name, value in sent.items())


@ON_SQLITE
@pytest.mark.parametrize("role", sorted(PEOPLE - {"admin"}))
def test_everybody_may_go(sign_in: SignIn, role: str) -> None:
    zoe = sign_in("zoe", role=role)
    sent = {"username": "zoe", "texts": "empty"}
    assert zoe.post("/api/account/deletion", json=sent).json() == {"deleted": True}


def test_a_visitor_deletes_nobody(alice: Person, visitor: Person) -> None:
    sent = {"username": "alice", "texts": "empty"}
    assert visitor.post("/api/account/deletion", json=sent).status_code == 401
    assert visitor.get("/account/deletion", headers=PAGE).headers["location"] == "/"
    assert is_signed_in(alice)
