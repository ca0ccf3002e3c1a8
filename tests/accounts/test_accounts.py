"""Accounts: disabled, enabled, not there at all."""

import re

import pytest

from service.access import ended
from service.access.audit import OPERATOR
from service.accounts import accounts, shown
from service.base.assets import folder
from service.base.errors import NotFound
from service.people import people
from tests.people import Person, is_signed_in, log_in


def test_a_disabled_user_is_out_until_enabled(alice: Person, bob: Person, visitor: Person) -> None:
    account = accounts.find("alice")
    assert account
    people.disable(OPERATOR, account.id)
    ended.sessions.refresh()  # as every process does every 2 seconds
    assert not is_signed_in(alice)
    assert is_signed_in(bob)
    refused = log_in(visitor, "alice")
    assert (refused.status_code, refused.json()["detail"]) == (
        401,
        "The username or the password is wrong.",
    )
    people.enable(OPERATOR, account.id)
    assert not is_signed_in(alice)  # what was ended stays so
    assert log_in(visitor, "alice").status_code == 200


def test_who_does_not_exist_is_not_found(database: None) -> None:
    with pytest.raises(NotFound):
        accounts.get(1)


def test_everybodys_colour_is_in_the_style() -> None:
    style = (folder("static") / "css" / "style.css").read_text()
    drawn = set(re.findall(r'\[data-colour="?(\d+)"?\]', style))
    assert drawn == {str(shown.colour(user_id)) for user_id in range(1, 100)}
