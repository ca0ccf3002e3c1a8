"""Reset links: a new password for whoever has the link, once, and nothing for anybody else."""

import re

import pytest
from click.testing import CliRunner

from service import cli
from service.access import audit, ended, tokens
from service.access.throttle import MINUTE
from service.accounts import accounts
from service.base import clock
from service.data import db
from service.data.tables import AuditEntry, Link, Session, User
from service.links.links import Worthless
from service.resets import resets
from tests.at_once import at_once
from tests.people import (
    HTMX,
    PAGE,
    PROBLEM,
    PROGRAM,
    Person,
    add_person,
    is_signed_in,
    log_in,
    password_hash,
)
from tests.resets.proving import prove

NEW = "a longer, newer password"
WORTHLESS = "This link does not work"


def link_of(admin: Person, name: str) -> str:
    """Return the path of a link that the admin has made for somebody."""
    found = accounts.find(name)
    assert found
    made = admin.post(f"/api/admin/people/{found.id}/reset", headers=PROGRAM)
    assert made.status_code == 200, made.text
    return made.json()["link"]


def code_of(link: str) -> str:
    return link.partition("?code=")[2]


def set_password(person: Person, link: str, password: str = NEW) -> int:
    fields = {"code": code_of(link), "new_password": password}
    return person.post("/api/reset", json=fields).status_code


def noted(action: str) -> list[tuple[str, str]]:
    with db.read():
        rows = AuditEntry.select().where(AuditEntry.action == action)
        return [(row.actor, row.target) for row in rows]


def test_somebody_sets_a_new_password_and_every_session_ends(
    admin: Person, alice: Person, visitor: Person
) -> None:
    link = link_of(admin, "alice")
    for _ in range(2):  # a look at it uses nothing up
        page = visitor.get(link, headers=PAGE)
        assert page.status_code == 200
        assert "Choose a new password for <strong>alice</strong>" in page.text
        assert page.headers["cache-control"] == "no-store"
    assert is_signed_in(alice)
    assert set_password(visitor, link) == 200
    ended.sessions.refresh()
    assert not is_signed_in(alice)
    assert not is_signed_in(visitor)  # signing in asks for all that it always asks for
    assert log_in(visitor, "alice").status_code == 401
    assert log_in(visitor, "alice", NEW).status_code == 200
    assert (noted("reset.made"), noted("reset.used")) == ([("ada", "alice")], [("alice", "")])


def test_a_browser_without_scripts_does_it_too(
    admin: Person, alice: Person, visitor: Person
) -> None:
    account = accounts.find("alice")
    assert account
    made = admin.post(f"/api/admin/people/{account.id}/reset", headers=PAGE)
    (link,) = re.findall(r"/reset\?code=\w+", made.text)
    fields = {"code": code_of(link), "new_password": "alice"}
    refused = visitor.post("/api/reset", data=fields, headers=PAGE)
    assert refused.status_code == 422
    assert 'value="alice"' not in refused.text.replace('name="username" value="alice"', "")
    assert code_of(link) in refused.text
    done = visitor.post("/api/reset", data=fields | {"new_password": NEW}, headers=PAGE)
    assert (done.status_code, done.headers["location"]) == (303, "/reset?done=yes")
    assert "Your password is set" in visitor.get("/reset?done=yes", headers=PAGE).text


@pytest.mark.parametrize("headers", [PAGE, HTMX, PROGRAM], ids=["page", "htmx", "program"])
def test_a_link_that_does_not_work_says_the_same_in_every_kind(
    admin: Person, alice: Person, visitor: Person, headers: dict[str, str]
) -> None:
    link = link_of(admin, "alice")
    assert set_password(visitor, link) == 200
    answers = [visitor.get(each, headers=headers) for each in (link, "/reset?code=x", "/reset")]
    answers.append(
        visitor.post("/api/reset", data={"code": "x", "new_password": NEW}, headers=headers)
    )
    assert {answer.status_code for answer in answers} == {404}
    for answer in answers:
        assert WORTHLESS in answer.text
        assert code_of(link) not in answer.text


def spoil(how: str) -> None:
    """Do to Alice what makes a link of hers worth nothing."""
    now = clock.now()
    changed = {
        "disabled": {"disabled_at": now},
        "pending": {"disabled_at": now, "pending_at": now},
        "another password": {"password_hash": tokens.hash_password(NEW)},
        "another address": {"email_key": "alice@example.net"},
    }
    with db.write():
        if how == "too old":
            Link.update(expires_at=now).execute()
        else:
            User.update(**changed[how]).where(User.username == "alice").execute()


@pytest.mark.parametrize(
    "how", ["disabled", "pending", "another password", "another address", "too old"]
)
def test_a_link_is_worth_something_only_as_long_as_nothing_else_has_changed(
    admin: Person, alice: Person, visitor: Person, how: str
) -> None:
    link = link_of(admin, "alice")
    spoil(how)
    with pytest.raises(Worthless):
        resets.use(code_of(link), password_hash(), "")
    answer = visitor.get(link, headers=PAGE)
    assert answer.status_code == 404
    assert WORTHLESS in answer.text


def test_of_eight_at_once_one_sets_the_password(account: accounts.Account) -> None:
    made = resets.make(audit.OPERATOR, account.id)
    hashes = [f"{password_hash()[:-1]}{number}" for number in range(8)]

    def use(new: str) -> bool:
        try:
            resets.use(made.code, new, "192.0.2.1")
        except Worthless:
            return False
        return True

    assert sum(at_once([lambda new=new: use(new) for new in hashes])) == 1


def test_only_admins_make_links_and_for_those_who_may_sign_in(
    admin: Person, moderator: Person, alice: Person
) -> None:
    account = accounts.find("alice")
    assert account
    path = f"/api/admin/people/{account.id}/reset"
    for person in (moderator, alice):
        assert person.post(path, headers=PROGRAM).status_code == 403
    spoil("disabled")
    answer = admin.post(path, headers=PROGRAM)
    assert (answer.status_code, answer.headers["content-type"]) == (409, PROBLEM)
    assert "alice may not sign in" in answer.json()["detail"]
    assert admin.post("/api/admin/people/0/reset", headers=PROGRAM).status_code == 404


def test_making_a_link_asks_again_who_one_is(admin: Person, alice: Person) -> None:
    with db.write():
        Session.update(confirmed_at=None).execute()
    answer = admin.post("/api/admin/people/1/reset", headers=PROGRAM)
    assert answer.status_code == 403
    assert "confirm" in answer.text


def test_a_command_prints_a_link(account: accounts.Account, database_url: str) -> None:
    environ = {"DATABASE_URL": database_url, "PUBLIC_URL": "https://b.example.org/team"}
    db.close_database()
    done = CliRunner().invoke(cli.main, ["user", "link", "ALICE"], env=environ)
    assert done.exit_code == 0, done.output
    (link,) = re.findall(r"^https://b\.example\.org/team(/reset\?code=\w+)$", done.stdout, re.M)
    db.open_database(database_url)
    assert resets.whose(code_of(link)) == "alice"
    assert noted("reset.made") == [("operator", "alice")]
    missing = CliRunner().invoke(cli.main, ["user", "link", "bob"], env=environ)
    assert "There is no user named bob." in missing.output


def test_no_code_is_stored(account: accounts.Account) -> None:
    made = resets.make(audit.OPERATOR, account.id)
    with db.read():
        stored = str(list(Link.select().dicts())) + str(list(AuditEntry.select().dicts()))
    assert made.code not in stored
    assert account.password_hash not in stored


# By mail.


def mailed(who: str) -> str:
    """Return the path of the link in the mail that somebody gets who is called like that."""
    mail = resets.mail("Our Board", "https://b.test", who)
    assert mail
    assert mail.to == "Alice@Example.org"
    assert "on Our Board, for the user alice." in mail.text
    (link,) = re.findall(r"^https://b\.test(/reset\?code=\w+)$", mail.text, re.M)
    return link


@pytest.mark.parametrize("who", ["Alice", " alice@EXAMPLE.org "])
def test_a_link_is_mailed_for_a_name_or_an_address(
    account: accounts.Account, visitor: Person, who: str
) -> None:
    prove("alice", "Alice@Example.org")
    assert set_password(visitor, mailed(who)) == 200
    assert log_in(visitor, "alice", NEW).status_code == 200


def test_nobody_keeps_a_link_from_somebody_by_being_called_like_their_address(
    account: accounts.Account,
) -> None:
    add_person("alice@example.org")
    prove("alice@example.org", "mallory@example.org")
    prove("alice", "Alice@Example.org")
    assert resets.whose(code_of(mailed("alice@example.org"))) == "alice"


def test_nobody_is_mailed_who_is_not_known_by_a_proved_address(account: accounts.Account) -> None:
    prove("alice", "Alice@Example.org")
    add_person("bob")
    with db.write():
        User.update(email="bob@example.org").where(User.username == "bob").execute()
    for who in ("charlie", "bob", "bob@example.org", "", "@", "x@example.org"):
        assert resets.mail("Board", "https://b.test", who) is None
    spoil("disabled")
    assert resets.mail("Board", "https://b.test", "alice") is None


def test_a_mailed_link_works_for_an_hour(
    account: accounts.Account, visitor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove("alice", "Alice@Example.org")
    link = mailed("alice")
    soon = clock.now() + resets.BY_MAIL
    monkeypatch.setattr(clock, "now", lambda: soon - MINUTE)
    assert visitor.get(link, headers=PAGE).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: soon + MINUTE)
    assert visitor.get(link, headers=PAGE).status_code == 404
