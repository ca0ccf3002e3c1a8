"""The first user of a board: one alone, whoever comes at the same moment."""

from service.accounts import accounts, founding
from service.accounts.accounts import Account
from service.accounts.founding import Founded, Founding
from service.data import db
from tests.at_once import at_once
from tests.people import password_hash


def test_of_eight_at_once_one_is_the_first_user(database: None) -> None:
    def found(name: str) -> bool:
        try:
            with db.write():
                founding.claim()
                accounts.insert(name, password_hash(), role="admin")
        except Founded:
            return False
        return True

    names = ("ada", "grace", "mary", "joan", "betty", "karen", "frances", "radia")
    assert sum(at_once([lambda name=name: found(name) for name in names])) == 1
    assert len(accounts.everyone()) == 1


def test_a_board_with_a_user_is_founded_for_good(database: None) -> None:
    known = Founding()
    assert (known.is_due(), known.over) == (True, False)
    accounts.add("ada", "correct horse battery")
    assert (known.is_due(), known.over) == (False, True)


def test_an_account_has_what_was_said_of_it(account: Account) -> None:
    with db.write():
        made = accounts.insert("Bob", password_hash(), zone="Asia/Tokyo", role="guest")
    assert (made.username, made.zone) == ("Bob", "Asia/Tokyo")
