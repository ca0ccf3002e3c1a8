"""Links with a code: looked at as often as one likes, used as often as they say."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress

import pytest

from service.accounts.accounts import Account
from service.base.errors import NotFound
from service.data import db
from service.data.tables import Link
from service.links import links
from tests.at_once import at_once

DAY = dt.timedelta(days=1)


def make(account: Account, max_uses: int = 1) -> tuple[int, str]:
    with db.write():
        link, code = links.make("invite", account.id, DAY, max_uses=max_uses, role="member")
    return link.id, code


def works(code: str, purpose: links.Purpose = "invite") -> bool:
    try:
        with db.read():
            links.find(code, purpose)
    except links.Worthless:
        return False
    return True


def use(code: str) -> bool:
    try:
        with db.write():
            links.use(code, "invite")
    except links.Worthless:
        return False
    return True


def test_a_link_is_used_once_however_often_it_is_looked_at(account: Account) -> None:
    _, code = make(account)
    assert [works(code) for _ in range(3)] == [True] * 3
    assert use(f" {code}\n")  # as copied
    assert not use(code)
    assert not works(code)


@pytest.mark.parametrize("most", [1, 3])
def test_eight_at_once_use_it_as_often_as_it_says(account: Account, most: int) -> None:
    _, code = make(account, most)
    assert sum(at_once([lambda: use(code)] * 8)) == most


def test_what_is_undone_has_used_nothing_up(account: Account) -> None:
    _, code = make(account)
    with suppress(ZeroDivisionError), db.write():
        links.use(code, "invite")
        raise ZeroDivisionError
    assert use(code)


def test_a_wrong_code_another_purpose_and_one_that_expired_are_worth_nothing(
    account: Account, later: Callable[..., None]
) -> None:
    _, code = make(account)
    assert not works(code[:-1])
    assert not works("")
    assert not works(code, "reset")
    later(days=1, seconds=1)
    assert not works(code)
    assert not use(code)


def test_a_link_that_was_taken_back_is_listed_no_more(account: Account) -> None:
    (first, code), (second, _) = make(account), make(account)
    with db.write():
        links.revoke(first, "invite")
        with pytest.raises(NotFound):
            links.revoke(first, "invite")
        with pytest.raises(NotFound):
            links.revoke(second, "reset")
    assert not use(code)
    with db.read():
        listed = links.open_ones("invite")
    assert [each.id for each in listed] == [second]
    assert [each.created_by and each.created_by.username for each in listed] == ["alice"]


def test_what_is_for_somebody_is_taken_back_together(account: Account) -> None:
    with db.write():
        made = [links.make("reset", None, DAY, user=account.id)[1] for _ in range(2)]
        links.revoke_for(account.id, "reset")
    assert not any(works(code, "reset") for code in made)


def test_the_database_does_not_have_the_code(account: Account) -> None:
    _, code = make(account)
    with db.read():
        stored = str(list(Link.select().dicts()))
    assert code not in stored
    assert len(bytes.fromhex(code)) * 8 >= 128


def test_what_expired_long_ago_goes(account: Account, later: Callable[..., None]) -> None:
    make(account)
    later(days=32)
    second, _ = make(account)
    with db.read():
        assert [row.id for row in Link.select()] == [second]


def test_a_link_leads_to_the_public_address_or_says_none() -> None:
    whole = links.address("https://board.test/crew", "/join", "abc")
    assert whole == "https://board.test/crew/join?code=abc"
    assert links.address("", "/join", "abc") == "/join?code=abc"
