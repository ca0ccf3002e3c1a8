"""Names: which are taken, which are refused, and which are the same."""

import time
from contextlib import suppress
from functools import partial

import pytest

from service.access import names
from service.access.audit import Actor, Someone
from service.access.identity import Identity
from service.accounts import accounts, naming
from service.base.errors import Conflict, Invalid
from service.data import db
from tests.at_once import at_once
from tests.people import ONE_DATABASE, PASSWORD, Person, add_person, log_in, password_hash


def test_names_are_compared_without_case(database: None) -> None:
    made = accounts.add("  Alice Müller ", PASSWORD)
    assert made.username == "Alice Müller"
    for same in ("alice müller", "ALICE MÜLLER", "Alice Mu\u0308ller", " alice müller"):
        found = accounts.find(same)
        assert found
        assert found.id == made.id
        with pytest.raises(Conflict):
            accounts.add(same, PASSWORD)
    for other in ("alice", "alice muller", "alice  müller", ""):
        assert accounts.find(other) is None
    assert [account.username for account in accounts.everyone()] == ["Alice Müller"]


@pytest.mark.parametrize(
    "pair",
    [
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}lice", "alice"),
        ("ﬁn", "FIN"),
    ],
)
def test_other_scripts_are_compared_without_case_too(pair: tuple[str, str]) -> None:
    assert accounts.name_key(pair[0]) == accounts.name_key(pair[1])


def test_bad_names_are_refused(database: None) -> None:
    bad = ("", "  ", "a" * 51, "a\0b", "a\nb", "a\tb", "\u202ealice", "a\u200bb", "\ud800")
    for name in (*bad, "\ufdfa" * 50):  # one letter that is compared as eighteen
        with pytest.raises(Invalid) as refused:
            accounts.add(name, PASSWORD)
        assert list(refused.value.fields) == ["username"], name
    assert accounts.everyone() == []


VISIBLE = (
    *("a", "a" * 50, "user@example.com", "李雷", "O'Brien; DROP TABLE", "Bob 👍"),
    *("ක්\u200dර", "علی\u200cرضا", "ന്\u200dറ", "Nguyễn Thị Ánh", "Алиса", "Αλίκη"),  # noqa: RUF001
    *("山田たろうタロウ", "佐々木ー", "Yamada 山田", "王ㄨㄤ", "김철수 金", "Ali علی", "Sita सीता"),
)


@ONE_DATABASE
@pytest.mark.parametrize("name", VISIBLE)
def test_a_visible_name_in_any_script_is_accepted(
    database: None, visitor: Person, name: str
) -> None:
    assert accounts.add(name, PASSWORD).username == name
    assert log_in(visitor, name).json()["username"] == name


INVISIBLE_OR_MIXED = {
    "alice\u034f": "visible",
    "alice\ufe0f": "visible",
    "a\u200cb": "visible",  # no letter here joins another
    "رضا\u200c": "visible",
    "alice\u200d": "visible",
    "\u3164": "visible",
    "a\u115fb": "visible",
    "\u2800": "visible",
    "alice\U000e0041": "visible",
    "\u0301alice": "mark",
    "a\u0316\u0317\u0318\u0319\u031c": "mark",
    "a\u0300\u0300\u0300": "mark",
    "\u0410dmin": "mix Cyrillic and Latin letters",
    "\u0391lice": "mix Greek and Latin letters",
    "Алиса Alice": "mix Cyrillic and Latin letters",
    "\u0905\u0410": "mix Cyrillic and Devanagari letters",
    "system": "the board's own name",
    "0perator": "whoever runs the board is called operator",
    "B0ard": "the board's own name",
    "Rabbit  Hole": "the board's own name",
}


@ONE_DATABASE
@pytest.mark.parametrize("name", INVISIBLE_OR_MIXED)
def test_a_name_that_could_fool_people_is_refused(database: None, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        accounts.add(name, PASSWORD, "rabbit hole")
    assert INVISIBLE_OR_MIXED[name] in refused.value.fields["username"]


ALIKE = ("AIice", "a1ice", "аӏісе", "\u13aa\u13de\u13a5\u13df\u13ac", "ALICE", "a\u217cice")  # noqa: RUF001


@ONE_DATABASE
@pytest.mark.parametrize("name", ALIKE)
def test_a_name_like_another_is_refused(database: None, name: str) -> None:
    add_person("alice")  # as the release before adds people
    with pytest.raises(Conflict, match="There is a user named"):
        accounts.add(name, PASSWORD)
    assert accounts.add("Bob", PASSWORD).username == "Bob"


def test_a_refused_name_is_told_which_one_it_looks_like(database: None) -> None:
    accounts.add("Tom", PASSWORD)
    with pytest.raises(Conflict) as refused:
        accounts.add("torn", PASSWORD)
    assert str(refused.value) == "There is a user named Tom already, which looks like torn."


def test_blanks_inside_a_name_become_one(database: None) -> None:
    assert accounts.add("山田\u3000 太郎", PASSWORD).username == "山田 太郎"


def test_of_two_names_alike_at_once_one_is_taken(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "alike", lambda _: None)  # neither has seen the other
    accounts.add("alice", PASSWORD)
    with pytest.raises(Conflict):
        accounts.add("a1ice", PASSWORD)


def test_of_eight_who_take_names_alike_at_once_one_has_it(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Usernames of some, and the names that others show: no index knows of both."""

    def look(name: str, but: int = 0) -> str | None:
        found = names_alike(name, but)
        if found is None:
            time.sleep(0.1)  # before it is written
        return found

    names_alike = names.alike
    alike = ("Illy", "IIly", "Il1y", "I1ly")
    people = [add_person(f"user-{number}") for number in range(len(alike))]
    monkeypatch.setattr(names, "alike", look)
    adding = [partial(_add, name) for name in alike]
    showing = [partial(_show, person, name) for person, name in zip(people, alike, strict=True)]
    assert sum(at_once([*adding, *showing])) == 1


def _add(name: str) -> bool:
    with suppress(Conflict), db.write():
        accounts.insert(name, password_hash())
        return True
    return False


def _show(person: accounts.Account, name: str) -> bool:
    me = Identity(person.id, person.username, "UTC", "")
    with suppress(Invalid):
        naming.show_as(me, Actor(Someone(person.id, person.username)), name)
        return True
    return False


def test_users_whose_names_looked_alike_before_the_check_still_sign_in(
    database: None, visitor: Person
) -> None:
    for name in ("alice", "аӏісе", "\u3164", "Rabbit  Hole"):  # noqa: RUF001
        add_person(name)
    accounts.add("bob", PASSWORD)
    for name in ("alice", "аӏісе", "\u3164", "Rabbit  Hole"):  # noqa: RUF001
        assert log_in(visitor, name).json()["username"] == name


def test_alice_signs_in_however_she_writes_her_name(database: None, visitor: Person) -> None:
    add_person("Alice")
    answer = log_in(visitor, "  aLICE ")
    assert answer.json()["username"] == "Alice"
    me = visitor.post("/api/message", json={"message": "Hi"}).json()
    assert me["author"] == "Alice"
