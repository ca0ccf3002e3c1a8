"""What is done to people, and by whom."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from service.access import audit, begun, sessions
from service.access.audit import OPERATOR, Actor, Someone
from service.access.roles import Role
from service.accounts import accounts
from service.accounts.accounts import Account
from service.base import clock
from service.base.errors import BoardError, Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from service.data import db
from service.data.tables import AuditEntry, Event, User
from service.people import people
from tests.at_once import DEADLINE, at_once
from tests.people import add_bot, add_person

pytestmark = pytest.mark.usefixtures("database")
CHANGES: dict[str, Callable[[Actor, int], object]] = {
    "role": lambda by, one: people.set_role(by, one, "guest"),
    "disable": people.disable,
    "enable": people.enable,
    "approve": people.approve,
    "end": people.end_sessions,
    "delete": people.delete,
}


def acting(account: Account) -> Actor:
    return Actor(Someone(account.id, account.username), "192.0.2.1")


def waiting(name: str) -> Account:
    """Add somebody who has registered and waits to be let in."""
    account = add_person(name)
    with db.write():
        User.update(pending_at=clock.now(), disabled_at=clock.now()).where(
            User.id == account.id
        ).execute()
    return accounts.get(account.id)


def state(account: Account) -> tuple[str, str]:
    now = accounts.get(account.id)
    return now.role, now.state


def written() -> list[tuple[str, str, str]]:
    """Return the audit log: who did what to whom."""
    with db.read():
        rows = AuditEntry.select().order_by(AuditEntry.id)
        return [(row.actor, row.action, row.target) for row in rows]


def told() -> list[int | None]:
    """Return of whom open pages are told, in that order."""
    with db.read():
        return [
            row.subject for row in Event.select().where(Event.kind == "user").order_by(Event.seq)
        ]


def test_an_admin_gives_a_role_and_it_is_told() -> None:
    ada, bob = add_person("ada", "admin"), add_person("bob")
    assert people.set_role(acting(ada), bob.id, "moderator").role == "moderator"
    people.set_role(acting(ada), bob.id, "moderator")  # again: nothing more
    assert state(bob) == ("moderator", "active")
    assert written() == [("ada", "user.role", "bob")]
    assert told() == [bob.id]


@pytest.mark.parametrize("role", ["bot", "owner", ""])
def test_nobody_gets_a_role_that_is_none_of_people(role: str) -> None:
    bob = add_person("bob")
    with pytest.raises(Invalid):
        people.set_role(OPERATOR, bob.id, role)


def test_whoever_is_kept_out_is_signed_out_and_can_be_let_in_again() -> None:
    ada, bob = add_person("ada", "admin"), add_person("bob")
    mine = sessions.start(bob.id, bob.password_hash, "UTC", "")
    people.disable(acting(ada), bob.id)
    assert state(bob) == ("member", "disabled")
    assert not sessions.stands(mine.session_id)
    people.enable(acting(ada), bob.id)
    assert state(bob) == ("member", "active")
    assert [what for _, what, _ in written()] == ["user.disabled", "user.enabled"]


def test_a_moderator_lets_in_who_has_registered() -> None:
    mo, dora = add_person("mo", "moderator"), waiting("dora")
    assert state(dora) == ("member", "pending")
    people.approve(acting(mo), dora.id)
    people.approve(acting(mo), dora.id)
    assert state(dora) == ("member", "active")
    assert written() == [("mo", "user.approved", "dora")]


def test_who_was_refused_is_not_let_in_by_a_late_approval() -> None:
    mo, bob = add_person("mo", "moderator"), add_person("bob")
    people.disable(acting(mo), bob.id)
    with pytest.raises(Conflict):
        people.approve(acting(mo), bob.id)


def test_one_session_or_all_are_ended() -> None:
    ada, bob = add_person("ada", "admin"), add_person("bob")
    one, two, three = (
        sessions.start(bob.id, bob.password_hash, "UTC", "").session_id for _ in range(3)
    )
    people.end_sessions(acting(ada), bob.id, two)
    assert [each for each in (one, two, three) if sessions.stands(each)] == [one, three]
    people.end_sessions(acting(ada), bob.id)
    assert begun.open_sessions(bob.id) == []
    with pytest.raises(NotFound):
        people.end_sessions(acting(ada), ada.id, one)


# What each may do to whom: those who are missing are refused.
MAY: dict[Role, dict[str, set[str]]] = {
    "admin": {each: {"admin", "moderator", "member", "guest", "waiting"} for each in CHANGES},
    "moderator": {
        "disable": {"member", "guest", "waiting"},
        "enable": {"member", "guest", "waiting"},
        "approve": {"member", "guest", "waiting"},
        "delete": {"waiting"},
    },
    "member": {},
    "guest": {},
    "bot": {},
}


@pytest.mark.parametrize("role", MAY)
def test_each_role_does_to_others_what_it_may(role: Role) -> None:
    ada = add_person("ada", "admin")
    by = acting(add_bot("by", ada) if role == "bot" else add_person("by", role))
    for change, act in CHANGES.items():
        for target in ("admin", "moderator", "member", "guest", "waiting"):
            name = f"{change} {target}"
            whom = waiting(name) if target == "waiting" else add_person(name, target)
            before = accounts.get(whom.id)
            if target in MAY[role].get(change, set()):
                act(by, whom.id)
            else:
                with pytest.raises(Forbidden):
                    act(by, whom.id)
                assert accounts.get(whom.id) == before, name


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_who_was_demoted_or_kept_out_does_nothing_more(
    change: Callable[[Actor, int], object],
) -> None:
    ada, eve, bob = add_person("ada", "admin"), add_person("eve", "admin"), add_person("bob")
    people.set_role(acting(ada), eve.id, "member")
    with pytest.raises(Forbidden):
        change(acting(eve), bob.id)
    people.disable(acting(ada), eve.id)
    with pytest.raises(NotSignedIn):
        change(acting(eve), bob.id)


@pytest.mark.parametrize("change", ["role", "disable", "delete"])
@pytest.mark.parametrize("by_operator", [True, False])
def test_the_last_admin_who_can_sign_in_stays(change: str, by_operator: bool) -> None:
    ada, out, gone = (add_person(name, "admin") for name in ("ada", "out", "gone"))
    people.disable(OPERATOR, out.id)
    people.delete(OPERATOR, gone.id)
    with pytest.raises(Conflict, match="last admin"):
        CHANGES[change](OPERATOR if by_operator else acting(ada), ada.id)
    assert state(ada) == ("admin", "active")
    people.set_role(OPERATOR, add_person("eve").id, "admin")
    CHANGES[change](OPERATOR, ada.id)
    assert state(ada) != ("admin", "active")


def test_nothing_is_done_to_nobody() -> None:
    bob = add_person("bob")
    people.delete(OPERATOR, bob.id)
    for act in (people.disable, people.enable, people.approve, people.end_sessions):
        for missing in (bob.id, 9999):
            with pytest.raises(NotFound):
                act(OPERATOR, missing)


def test_a_refusal_writes_nothing() -> None:
    ada = add_person("ada", "admin")
    with pytest.raises(BoardError):
        people.disable(acting(ada), ada.id)
    assert (written(), told()) == ([], [])
    assert audit.OPERATOR.who.id is None


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("change", ["role", "disable", "delete"])
def test_of_two_admins_who_do_it_to_each_other_at_once_one_stays(change: str, first: int) -> None:
    pair = [add_person("ada", "admin"), add_person("eve", "admin")]
    order = [pair[first], pair[1 - first]]

    def act(by: Account, on: Account) -> bool:
        try:
            CHANGES[change](acting(by), on.id)
        except (Conflict, Forbidden, NotSignedIn):
            return False
        return True

    done = at_once([partial(act, *order), partial(act, *reversed(order))])
    assert sorted(done) == [False, True]
    assert [state(each) for each in pair].count(("admin", "active")) == 1


def test_of_eight_admins_who_leave_at_once_one_stays() -> None:
    admins = [add_person(f"admin {n}", "admin") for n in range(8)]

    def leave(one: Account) -> bool:
        try:
            people.delete(acting(one), one.id)
        except Conflict:
            return False
        return True

    assert sum(at_once([partial(leave, each) for each in admins])) == 7
    assert [state(each) for each in admins].count(("admin", "active")) == 1


def test_who_admits_sees_it_by_the_role_after_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demotion that is under way is waited for, and counts."""
    ada, eve, bob = add_person("ada", "admin"), add_person("eve", "admin"), add_person("bob")
    noted, go_on = threading.Event(), threading.Event()
    note = audit.note

    def slow_at_first(*args: Any, **more: Any) -> None:
        note(*args, **more)
        if not noted.is_set():
            noted.set()
            assert go_on.wait(DEADLINE)

    monkeypatch.setattr(audit, "note", slow_at_first)
    with ThreadPoolExecutor() as pool:
        demoting = pool.submit(people.set_role, acting(ada), eve.id, "member")
        assert noted.wait(DEADLINE)
        disabling = pool.submit(people.disable, acting(eve), bob.id)
        go_on.set()
        demoting.result(DEADLINE)
        with pytest.raises(Forbidden):
            disabling.result(DEADLINE)
    assert state(bob) == ("member", "active")
