"""Registration with an address in one of the domains: proved first, then named."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from service.access import audit, options
from service.accounts import accounts
from service.data import db
from service.data.tables import User
from service.joining import registration
from service.joining.registration_routes import NO_MAIL, SENT
from service.mail.smtp import Mail
from tests.people import (
    HTMX,
    PAGE,
    PASSWORD,
    PROGRAM,
    Person,
    add_person,
    is_signed_in,
    no_database,
)
from tests.resets.proving import prove

ADDRESS = "Ada@example.org"
URL = "http://board.test"


@pytest.fixture
def by_domain(database: None) -> None:
    add_person("olga")
    chosen = {"registration": "domains", "domains": "example.org example.net"}
    with db.write():
        options.set_all(audit.OPERATOR, chosen)


pytestmark = pytest.mark.usefixtures("by_domain")


def mailed(email: str = ADDRESS) -> Mail:
    return registration.mail("Our Board", URL, email)


def link_in(mail: Mail) -> str:
    (link,) = re.findall(rf"^{URL}(/email\?code=\w+)$", mail.text, re.M)
    return link


def join(person: Person, link: str, name: str = "ada") -> Any:
    fields = {"code": link.partition("=")[2], "username": name, "password": PASSWORD}
    return person.post("/api/email", json=fields)


def test_whoever_has_an_address_proves_it_and_is_in(
    visitor: Person, put: list[Callable[[], Any]]
) -> None:
    assert "E-mail address" in visitor.get("/register", headers=PAGE).text
    answer = visitor.post("/api/register", data={"email": "Ada@Example.org"}, headers=PAGE)
    assert (answer.status_code, SENT in answer.text) == (200, True)
    assert len(accounts.everyone()) == 1
    assert len(put) == 1
    link = link_in(mailed())
    for _ in range(2):  # a look uses nothing up
        page = visitor.get(link, headers=PAGE)
        assert "Ada@example.org</strong> is proved to be yours" in page.text
    joined = join(visitor, link)
    assert (joined.status_code, joined.json()["role"]) == (200, "member")
    assert is_signed_in(visitor)
    with db.read():
        row = User.get(User.username == "ada")
        assert (row.username, row.email, row.email_key) == (
            *("ada", "Ada@example.org", "ada@example.org"),
        )
        assert row.email_verified_at
    assert visitor.get(link, headers=PAGE).status_code == 404


@pytest.mark.parametrize("headers", [PAGE, HTMX, PROGRAM], ids=["page", "htmx", "program"])
def test_a_known_address_gets_the_same_answer_before_anybody_looks(
    visitor: Person, put: list[Callable[[], Any]], headers: dict[str, str]
) -> None:
    add_person("ada")
    prove("ada", ADDRESS)
    visitor.get("/register")  # the options are known from here on
    with no_database():
        answers = [
            visitor.post("/api/register", data={"email": email}, headers=headers)
            for email in (ADDRESS, "bob@example.org")
        ]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert answers[0].status_code == 200
    known, new = (write() for write in put)
    assert (known.subject, known.to) == (new.subject, "Ada@example.org")
    assert "It has one already" in known.text
    assert "code=" not in known.text


@pytest.mark.parametrize("email", ["ada@example.com", "ada@sub.example.org", "nothing", ""])
def test_other_addresses_are_refused_in_words(
    visitor: Person, put: list[Callable[[], Any]], email: str
) -> None:
    answer = visitor.post("/api/register", data={"email": email}, headers=PAGE)
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert put == []


def test_a_name_that_is_taken_is_told_to_whoever_has_proved_an_address(visitor: Person) -> None:
    add_person("ada")
    link = link_in(mailed())
    answer = join(visitor, link)
    assert answer.status_code == 422
    assert answer.json()["errors"]["username"].endswith("Choose another name.")
    assert join(visitor, link, "ada2").status_code == 200  # nothing was used up


def spoil(how: str) -> None:
    """Do what makes an address worth no account any more."""
    if how == "another has it":
        add_person("bob")
        prove("bob", ADDRESS)
        return
    changed = {"registration": "invite"} if how == "another way" else {"domains": "example.net"}
    with db.write():
        options.set_all(audit.OPERATOR, changed)


@pytest.mark.parametrize(
    ("how", "status"), [("another has it", 404), ("another way", 404), ("no such domain", 404)]
)
def test_a_link_makes_no_account_once_it_should_not(visitor: Person, how: str, status: int) -> None:
    link = link_in(mailed())
    spoil(how)
    assert join(visitor, link).status_code == status
    assert accounts.find("ada") is None


def test_without_mail_nobody_registers_and_the_page_says_so(visitor: Person) -> None:
    page = visitor.get("/register", headers=PAGE)
    assert (NO_MAIL in page.text, "<form" in page.text) == (True, False)
    answer = visitor.post("/api/register", json={"email": ADDRESS})
    assert (answer.status_code, answer.json()["detail"]) == (404, NO_MAIL)
