"""Commands for people: users added, listed, kept out, given roles and passwords."""

import asyncio
import os
import re
from collections.abc import Callable
from functools import partial

import pytest
from click.testing import CliRunner

from service import cli
from service.access import tokens
from service.access.visible import EVERYONE
from service.accounts import accounts
from service.data import db
from service.data.tables import AuditEntry
from service.messages import messages, writing
from tests.commands.saying import said
from tests.people import ONE_DATABASE, PASSWORD, add_person
from tests.servers import Server, within


def password_fits(name: str, password: str) -> bool:
    account = accounts.find(name)
    assert account
    return asyncio.run(tokens.verify_password(password, account.password_hash))


# People.


def test_users_are_added_listed_disabled_and_given_passwords(
    database: None, database_url: str
) -> None:
    assert said(database_url, "user", "list") == ""
    added = said(database_url, "user", "add", " Alice ", stdin=f"{PASSWORD}\nsecond line\n")
    assert added == "Added Alice, an admin.\n"
    assert password_fits("alice", PASSWORD)
    assert said(database_url, "user", "add", "bob", stdin=PASSWORD) == "Added bob, a member.\n"
    assert said(database_url, "user", "disable", "BOB") == "Disabled bob.\n"
    assert said(database_url, "user", "list") == "Alice\tadmin\tactive\nbob\tmember\tdisabled\n"
    assert said(database_url, "user", "enable", "bob") == "Enabled bob.\n"
    changed = said(database_url, "user", "password", "alice", stdin="another password\r\n")
    assert changed == "The password of Alice is set; their sessions are ended.\n"
    assert password_fits("alice", "another password")
    assert not password_fits("alice", PASSWORD)
    assert said(database_url, "migrate") == "The schema is up to date.\n"


@ONE_DATABASE
def test_a_lost_only_admin_is_back_with_one_command_while_the_board_serves(
    database: None, start_server: Callable[..., Server], database_url: str
) -> None:
    add_person("alice")
    server = start_server()
    alice = server.sign_in("alice", PASSWORD)
    assert alice.get("/admin/audit").status_code == 403
    assert re.search(r"no admin can sign in: `\S+ user role NAME admin`", server.output())
    assert said(database_url, "user", "role", "alice", "admin") == "alice is an admin now.\n"
    within(5, lambda: alice.get("/admin/audit").status_code == 200)


def test_a_user_is_deleted_once_the_operator_is_sure(database: None, database_url: str) -> None:
    account = add_person("alice")
    writing.post(account.id, "Hello")
    delete = partial(CliRunner().invoke, cli.main, env={"DATABASE_URL": database_url})
    arguments = ["user", "delete", "alice", "--texts", "empty"]
    assert delete(arguments, input="n\n").exit_code == 1
    assert accounts.find("alice")
    done = delete([*arguments, "--yes"])
    gone = f"deleted-{account.id}"
    assert done.stdout == f"Deleted alice; all their messages are emptied, under the name {gone}.\n"
    assert messages.newest(EVERYONE).messages == []
    assert said(database_url, "user", "list") == ""


def test_what_a_command_does_is_in_the_audit_log_and_told(
    database: None, database_url: str
) -> None:
    bob = add_person("bob")
    add_person("ada", "admin")
    done = CliRunner().invoke(
        cli.main, ["user", "role", "bob", "moderator"], env={"DATABASE_URL": database_url}
    )
    (line,) = done.stderr.splitlines()
    assert " service.security user.role username=operator " in line
    assert line.endswith(
        f" target=bob target_id={bob.id} was=member role=moderator uid={os.getuid()}"
    )
    with db.read():
        (entry,) = AuditEntry.select()
    assert (entry.actor, entry.action, entry.target) == ("operator", "user.role", "bob")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("arguments", "password", "expected"),
    [
        (
            ["add", "\N{FULLWIDTH LATIN CAPITAL LETTER A}LICE"],
            PASSWORD,
            "There is a user named alice already.",
        ),
        (["add", "bob"], "short", "A password has 8 to 100 characters."),
        (["add", "bob"], "", "A password has 8 to 100 characters."),
        (["add", "  "], PASSWORD, "A username has 1 to 50 characters."),
        (["add", "b\nb"], PASSWORD, "A username has visible characters only."),
        (["add", "bob"], b"\xff" * 9, "That is not text in UTF-8."),
        (["password", "alice"], "short", "A password has 8 to 100 characters."),
        (["password", "bob"], PASSWORD, "There is no user named bob."),
        (["disable", "bob"], "", "There is no user named bob."),
        (["enable", "bob"], "", "There is no user named bob."),
        (["role", "bob", "admin"], "", "There is no user named bob."),
        (["delete", "bob", "--yes"], "", "There is no user named bob."),
        (
            ["add", "deleted-7"],
            PASSWORD,
            "deleted- begins the names of those who were deleted. Choose another.",
        ),
        (
            ["role", "alice", "member"],
            "",
            "alice is the last admin who can sign in. Make somebody else an admin first.",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    database: None,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    password: str | bytes,
    expected: str,
) -> None:
    add_person("alice", "admin")
    monkeypatch.setenv("DATABASE_URL", database_url)
    done = CliRunner().invoke(cli.main, ["user", *arguments], input=password)
    assert (done.exit_code, done.output) == (1, f"Error: {expected}\n")
    assert [account.username for account in accounts.everyone()] == ["alice"]


def test_a_password_on_the_command_line_is_refused() -> None:
    for command in ("add", "password"):
        done = CliRunner().invoke(cli.main, ["user", command, "alice", PASSWORD])
        assert done.exit_code == 2
        assert "unexpected extra argument" in done.output
