"""Roles: what each may do is read where it is done, never from what somebody brings along."""

import pytest

from service.access import roles, standing
from service.access.visible import Member
from service.base.errors import Forbidden, NotSignedIn
from service.data import db
from tests.people import PROGRAM, Person, add_person, give_role, post, texts


def test_whoever_brings_in_or_admits_may_do_so_at_all() -> None:
    assert roles.INVITES.keys() == roles.MAY["invite"]
    assert roles.ADMITS.keys() == roles.MAY["admit"]
    assert roles.REFUSED.keys() == roles.MAY.keys() == roles.EVERYTHING
    assert set().union(*roles.MAY.values()) == set(roles.ROLES)


def test_a_guest_reads_and_writes_nothing(alice: Person, guest: Person) -> None:
    number = post(alice, "Hello")["id"]
    assert texts(guest) == ["Hello"]
    for path in ("", f"/{number}/edit", f"/{number}/deletion"):
        refused = guest.post(f"/api/message{path}", json={"message": "No"}, headers=PROGRAM)
        assert (refused.status_code, refused.json()["detail"]) == (403, roles.REFUSED["post"])
    assert texts(alice) == ["Hello"]


def test_a_role_that_was_taken_away_counts_at_the_next_write(alice: Person) -> None:
    first = post(alice, "Before")
    give_role("alice", "guest")  # unseen by this process: it has read her role a moment ago
    change = f"/api/message/{first['id']}"
    for path in ("/api/message", f"{change}/edit", f"{change}/deletion"):
        refused = alice.post(path, json={"message": "After"}, headers=PROGRAM)
        assert refused.status_code == 403
    assert texts(alice) == ["Before"]


def test_a_role_is_shown_by_what_it_is_within_seconds(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "TRUSTED_FOR", 0)
    give_role("alice", "guest")
    refused = alice.post("/api/message", json={"message": "No"}, headers=PROGRAM)
    assert refused.status_code == 403
    give_role("alice", "member")
    post(alice, "Yes")


def test_nobody_may_do_more_than_their_proof_or_than_who_they_are(database: None) -> None:
    guest, member = add_person("gus", "guest"), add_person("bob")
    with db.read():
        standing.require(Member(member.id), "post")
    for me in (Member(guest.id), Member(member.id, scopes=frozenset({"read"}))):
        with db.read(), pytest.raises(Forbidden):
            standing.require(me, "post")
    with db.read(), pytest.raises(NotSignedIn):
        standing.require(Member(member.id + 1), "read")
