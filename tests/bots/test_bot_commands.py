"""The commands that make bots and look after them."""

import pytest

from service.access import api_tokens
from service.access.audit import OPERATOR
from service.accounts import accounts
from service.data import db
from service.people import people
from tests.inside import run
from tests.people import add_person


@pytest.mark.usefixtures("database")
def test_a_bot_is_made_given_away_and_listed(database_url: str) -> None:
    add_person("alice")
    add_person("bob")
    made = run(database_url, "bot", "add", "deploys", "--owner", "alice", "--shown-as", "Deploys")
    assert made.stdout == "Added deploys, a bot of alice.\n", made.stderr
    token = run(database_url, "token", "add", "deploys", "Releases").stdout.strip()
    with db.read():
        assert api_tokens.find(token)
    given = run(database_url, "bot", "owner", "deploys", "bob")
    assert given.stdout == "deploys is a bot of bob now.\n"
    with db.read():
        assert api_tokens.find(token) is None
    bot = accounts.find("deploys")
    assert bot
    assert bot.display_name == "Deploys"
    assert run(database_url, "bot", "list").stdout == "deploys\tbob\tWorks\n"
    assert "deploys\tbot\tactive\n" in run(database_url, "user", "list").stdout
    people.delete(OPERATOR, accounts.find("bob").id)  # ty: ignore
    assert run(database_url, "bot", "list").stdout.startswith("deploys\tnobody\tDisabled")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("bot add deploys --owner nobody", "There is nobody of that name who can sign in."),
        ("bot add deploys", "Missing option '--owner'"),
        ("bot owner alice alice", "alice is no bot."),
        ("bot owner robot alice", "There is no user named robot."),
    ],
)
def test_what_is_wrong_is_said(database_url: str, command: str, words: str) -> None:
    add_person("alice")
    done = run(database_url, *command.split())
    assert done.returncode
    assert words in done.stderr
