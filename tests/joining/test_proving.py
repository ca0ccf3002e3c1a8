"""The address of an account is proved by a link that is mailed there."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from service.accounts import accounts
from service.data import db
from service.data.tables import User
from service.joining import proving
from tests.people import HTMX, PAGE, PROGRAM, Person, add_person
from tests.resets.proving import prove

ADDRESS = "Alice@example.org"


def give(name: str, address: str) -> int:
    """Let somebody have named an address, which proves nothing."""
    with db.write():
        changed = {"email": address, "email_key": None, "email_verified_at": None}
        User.update(**changed).where(User.username == name).execute()
        return User.get(User.username == name).id


def link_to(user_id: int) -> str:
    mail = proving.mail("Our Board", "https://b.test", user_id)
    assert mail
    assert mail.to == ADDRESS
    assert "to the account alice on Our Board" in mail.text
    (link,) = re.findall(r"^https://b\.test(/email\?code=\w+)$", mail.text, re.M)
    return link


def proved(name: str) -> bool:
    with db.read():
        row = User.get(User.username == name)
        return row.email_key is not None and row.email_verified_at is not None


def use(person: Person, link: str, headers: dict[str, str] = PROGRAM) -> int:
    data = {"code": link.partition("=")[2]}
    return person.post("/api/email", data=data, headers=headers).status_code


@pytest.mark.parametrize(
    ("headers", "status"),
    [(PAGE, 303), (HTMX, 200), (PROGRAM, 200)],
    ids=["page", "htmx", "program"],
)
def test_whoever_opens_the_link_proves_the_address(
    account: accounts.Account, visitor: Person, headers: dict[str, str], status: int
) -> None:
    link = link_to(give("alice", ADDRESS))
    page = visitor.get(link, headers=PAGE)
    assert "Alice@example.org" in page.text
    assert not proved("alice")
    assert use(visitor, link, headers) == status
    assert proved("alice")
    assert use(visitor, link, headers) == 404
    assert "proved to be yours" in visitor.get("/email?done=yes", headers=PAGE).text


def test_only_the_newest_link_for_the_address_there_is_proves_it(
    account: accounts.Account, visitor: Person
) -> None:
    user_id = give("alice", ADDRESS)
    old, link = link_to(user_id), link_to(user_id)
    assert use(visitor, old) == 404
    give("alice", "other@example.org")
    assert use(visitor, link) == 409
    assert not proved("alice")


def test_an_address_that_another_has_proved_stays_theirs(
    account: accounts.Account, visitor: Person
) -> None:
    link = link_to(give("alice", ADDRESS))
    add_person("bob")
    prove("bob", ADDRESS)
    assert use(visitor, link) == 409
    assert not proved("alice")


def test_nothing_is_mailed_where_there_is_nothing_to_prove(account: accounts.Account) -> None:
    assert proving.mail("Board", "https://b.test", account.id) is None
    prove("alice", ADDRESS)
    assert proving.mail("Board", "https://b.test", account.id) is None
    assert proving.mail("Board", "https://b.test", 0) is None


def test_a_link_goes_to_an_address_that_is_set_until_it_is_proved(
    alice: Person, put: list[Callable[[], Any]]
) -> None:
    def save() -> str:
        answer = alice.post("/api/account/email", data={"email": ADDRESS}, headers=PAGE)
        return answer.headers["location"]

    assert save() == "/account?done=email-sent"
    assert [mail.to for write in put if (mail := write())] == [ADDRESS]
    prove("alice", ADDRESS)
    assert save() == "/account?done=email"
    assert len(put) == 1
