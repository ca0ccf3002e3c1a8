"""A moderator removes what another wrote: its text is gone for good, and its place says so."""

import json

import pytest

from service.access import roles, standing
from service.data import db
from service.data.tables import AuditEntry
from tests.people import HTMX, PAGE, PROGRAM, Person, SignIn, give_role, listed, post, texts

WORDS = "Removed by a moderator"


def remove(person: Person, id: int, **headers: str) -> tuple[int, str]:
    answer = person.post(f"/api/message/{id}/deletion", headers=headers or PROGRAM)
    return answer.status_code, answer.text


def test_what_a_moderator_removes_leaves_a_line_that_everybody_sees(
    alice: Person, bob: Person, guest: Person, moderator: Person
) -> None:
    before, unkind, after = (post(alice, text) for text in ("Before", "Unkind", "After"))
    removed = moderator.post(f"/api/message/{unkind['id']}/deletion", headers=PROGRAM)
    assert removed.status_code == 200
    assert removed.json() == unkind | {"text": "", "deleted": True, "removed": True, "seq": 2}
    for reader in (alice, bob, guest, moderator):
        assert listed(reader)["messages"] == [after, removed.json(), before]
        page = reader.get("/msgs", headers=PAGE).text
        assert "Unkind" not in page
        assert page.count(WORDS) == 1
        assert f'href="/msgs/{unkind["id"]}/' not in page  # nothing can be done with it


def events_after(person: Person, cursor: str) -> list[dict[str, object]]:
    found = listed(person, after=cursor)["events"]
    return [{name: event[name] for name in event if name != "cursor"} for event in found]


def test_it_is_told_to_who_has_been_away_and_found_by_no_search(
    alice: Person, bob: Person, moderator: Person
) -> None:
    cursor = listed(bob)["cursor"]
    id = post(alice, "Unkind words")["id"]
    since = listed(bob)["cursor"]
    remove(moderator, id)
    (line,) = listed(bob)["messages"]
    told = {"kind": "deleted", "room": "board", "id": id, "seq": 2, "message": line}
    assert events_after(bob, since) == [told]
    assert events_after(bob, cursor) == [told | {"kind": "posted"}, told]
    for q in ("unkind", "from:alice"):
        assert texts(bob, q=q) == []


def test_it_stays_removed_whatever_anybody_does(
    alice: Person, moderator: Person, admin: Person
) -> None:
    sent = {"message": "Unkind", "client_key": "a-key"}
    id = alice.post("/api/message", json=sent).json()["id"]
    first = remove(moderator, id)
    assert first[0] == 200
    for person in (moderator, admin, alice):
        assert remove(person, id) == first
    refused = alice.post(f"/api/message/{id}/edit", json={"message": "Back"}, headers=PROGRAM)
    assert (refused.status_code, refused.json()["detail"]) == (
        404,
        "This message was removed by a moderator meanwhile.",
    )
    again = alice.post("/api/message", json=sent, headers=PROGRAM)
    assert again.status_code == 409
    assert "removed by a moderator" in again.json()["detail"]


def test_moderators_and_admins_remove_one_another_and_delete_their_own(
    sign_in: SignIn, moderator: Person, admin: Person
) -> None:
    for who, by in ((admin, moderator), (moderator, admin), (sign_in("max"), moderator)):
        assert remove(by, post(who, "Another's")["id"])[0] == 200
    remove(moderator, post(moderator, "My own")["id"])
    assert [each["removed"] for each in listed(admin)["messages"]] == [True] * 3


def test_a_moderator_edits_nobodys_text_and_removes_nothing_that_is_gone(
    alice: Person, moderator: Person
) -> None:
    kept, gone = post(alice, "Kept"), post(alice, "Gone")
    remove(alice, gone["id"])
    edit = f"/api/message/{kept['id']}/edit"
    assert moderator.post(edit, json={"message": "Mine"}, headers=PROGRAM).status_code == 404
    assert moderator.get(f"/msgs/{kept['id']}/edit").status_code == 404
    for id in (gone["id"], 999):
        assert remove(moderator, id)[0] == 404
        assert moderator.get(f"/msgs/{id}/deletion").status_code == 404
    assert texts(alice) == ["Kept"]


def test_the_audit_log_says_who_removed_whose_and_not_what(
    alice: Person, moderator: Person
) -> None:
    id = post(alice, "Unkind")["id"]
    for _ in range(2):  # the first answer may have been lost
        remove(moderator, id)
    with db.read():
        (entry,) = AuditEntry.select()
    assert (entry.actor, entry.action, entry.target) == ("mo", "message.removed", "alice")
    detail = {"room": "board", "id": id}
    assert (entry.address, json.loads(entry.detail)) == ("192.0.2.1", detail)


@pytest.mark.usefixtures("believed")
def test_a_member_removes_nothing_and_a_role_taken_away_counts_at_once(
    alice: Person, bob: Person, moderator: Person
) -> None:
    id = post(alice, "Kept")["id"]
    assert remove(bob, id)[0] == 404
    post(moderator, "I may")  # so that this process knows the role
    give_role("mo", "member")
    status, text = remove(moderator, id)
    assert (status, roles.REFUSED["moderate"] in text) == (403, True)
    assert texts(alice) == ["I may", "Kept"]


def test_the_page_asks_once_and_says_whose_it_is(alice: Person, moderator: Person) -> None:
    id = post(alice, "Unkind")["id"]
    page = moderator.get("/msgs", headers=PAGE).text
    assert f'href="/msgs/{id}/deletion"' in page
    assert f'href="/msgs/{id}/edit"' not in page
    assert 'Remove</span><span class="sr-only"> the message of ' in page
    form = moderator.get(f"/msgs/{id}/deletion", headers=PAGE).text
    assert "Remove this message of alice for everyone?" in form
    assert "Unkind" in form
    answer = moderator.post(f"/api/message/{id}/deletion", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/msgs#message-{id}")


def test_the_answer_to_an_open_page_is_the_line(alice: Person, moderator: Person) -> None:
    id = post(alice, "Unkind")["id"]
    status, text = remove(moderator, id, **HTMX)
    assert status == 200
    assert text.count(WORDS) == 1
    assert f'hx-target="#m-{id}" hx-swap="outerHTML"' in text
    assert 'hx-swap="delete"' not in text


@pytest.mark.parametrize("role", ["admin", "moderator", "member", "guest"])
def test_a_page_offers_what_its_readers_role_may(
    role: str, sign_in: SignIn, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "TRUSTED_FOR", 0)
    id = post(alice, "Hello")["id"]
    me = sign_in("max")
    own = post(me, "Mine")["id"]
    give_role("max", role)
    page = me.get("/msgs", headers=PAGE).text
    links = {
        f"/msgs/{number}/{what}"
        for number in (id, own)
        for what in ("edit", "deletion")
        if f'href="/msgs/{number}/{what}"' in page
    }
    expected = {f"/msgs/{own}/edit", f"/msgs/{own}/deletion"} if roles.may(role, "post") else set()
    expected |= {f"/msgs/{id}/deletion"} if roles.may(role, "moderate") else set()
    assert links == expected
    assert ('<form id="composer"' in page, "You may read here." in page) == (
        roles.may(role, "post"),
        not roles.may(role, "post"),
    )
