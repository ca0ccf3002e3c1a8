"""Roles: what each may do is read where it is done, never from what somebody brings along."""

from collections.abc import Callable
from functools import partial

import pytest

from service.access import roles, standing
from service.access.visible import Member
from service.accounts import accounts
from service.base import clock
from service.base.errors import Forbidden, NotSignedIn
from service.data import db
from service.data.tables import Bot, User
from service.messages import writing
from tests.people import PROGRAM, Person, add_bot, add_person, give_role, listed, post, texts


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


def may(act: Callable[[], object]) -> bool:
    try:
        act()
    except (Forbidden, NotSignedIn):
        return False
    return True


def what_may(account: accounts.Account) -> set[roles.Action]:
    """Return what somebody may do now, and let them post as far as they may."""
    with db.read():
        found = {
            action
            for action in roles.MAY
            if may(partial(standing.require, Member(account.id), action))
        }
    assert may(partial(writing.post, account.id, "Hello")) == ("post" in found)
    return found


@pytest.mark.parametrize("owner", sorted(roles.PEOPLE))
def test_a_bot_may_what_its_role_and_its_owner_both_may(database: None, owner: str) -> None:
    bot = add_bot("bot", add_person("olga", owner))
    both = {each for each in roles.MAY if {"bot", owner} <= roles.MAY[each]}
    assert what_may(bot) == both


@pytest.mark.parametrize("gone", ["kept out", "given no more"])
def test_a_bot_is_kept_out_with_its_owner(database: None, gone: str) -> None:
    olga = add_person("olga", "admin")
    bot = add_bot("bot", olga)
    assert what_may(bot)
    with db.write():
        if gone == "kept out":
            User.update(disabled_at=clock.now()).where(User.id == olga.id).execute()
        else:
            Bot.delete().execute()
    assert not what_may(bot)


def test_nobody_gives_themselves_a_role_in_a_field(alice: Person) -> None:
    more = {"role": "admin", "kind": "admin", "scopes": "manage"}
    forms = {
        "/api/account/name": {"display_name": "Ally"},
        "/api/account/timezone": {"user_timezone": "Asia/Tokyo"},
        "/api/message": {"message": "Hello", "author_id": "1"},
    }
    ada = add_person("ada", "admin")
    for path, fields in forms.items():
        assert alice.post(path, json=fields | more).status_code < 400
    found = accounts.find("alice")
    assert found
    assert (found.role, found.display_name) == ("member", "Ally")
    assert listed(alice)["messages"][0]["author"] == "alice"
    assert accounts.get(ada.id).display_name is None
