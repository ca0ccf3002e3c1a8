"""The doctor: whatever can be wrong with a board and its machine is found, and nothing else."""

import pytest

from service.access.audit import OPERATOR
from service.accounts import accounts
from service.data import db
from service.data.tables import Event, EventCounter, Message, Session, User
from service.doctor import numbers
from service.people import people
from tests.patient import Examine, run
from tests.people import ONE_DATABASE

EVERY_CHECK = ["settings", "secrets", "database", "storage", "schema", "rows", "search"]
EVERY_CHECK += ["events", "rooms", "names", "admins", "passkeys", "clock", "zones", "port"]


def everything() -> list[object]:
    tables = (User, Session, Message, Event, EventCounter)
    with db.read():
        return [list(table.select().tuples()) for table in tables]


# All is well.


def test_a_healthy_board_has_no_findings(environ: dict[str, str], history: None) -> None:
    before = everything()
    code, (*lines, summary) = run(environ, "doctor")
    assert (code, summary) == (0, "Nothing is wrong.")
    assert all(line.startswith("ok   ") for line in lines)
    assert {line.split()[1] for line in lines} - {"folder", "pool"} == set(EVERY_CHECK)
    assert any("3 messages" in line for line in lines)
    assert any("1 to 5, none missing" in line for line in lines)
    assert everything() == before


def test_a_board_just_made_has_no_findings(database: None, examine: Examine) -> None:
    assert examine() == []


def test_a_board_without_an_admin_is_a_finding(account: accounts.Account, examine: Examine) -> None:
    told = ("admins", "No admin can sign in: `board user role NAME admin` makes somebody one.")
    assert examine() == [told]
    people.set_role(OPERATOR, account.id, "admin")
    assert examine() == []


def test_a_failing_check_is_a_finding(
    examine: Examine, history: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "LOG", "SELECT * FROM nowhere")
    ((check, finding),) = examine()
    assert check == "events"
    assert finding.startswith("The database can't be used (")
    assert "nowhere" in finding


# Settings and secrets.


@ONE_DATABASE
def test_every_fault_of_the_settings_is_a_line(environ: dict[str, str]) -> None:
    code, lines = run(environ | {"PORT": "http", "WORKERS": "0"}, "doctor")
    assert code == 1
    assert lines[0].startswith("!!   settings  PORT must be a whole number")
    assert lines[1].startswith("!!   settings  WORKERS must be a whole number")
    assert [line[:2] for line in lines[2:-1]] == ["ok"] * 12  # the database is looked at
    assert lines[-1] == (
        "2 things are wrong. Not looked at before that is mended: secrets, passkeys, port."
    )


@ONE_DATABASE
def test_without_a_readable_address_no_database_is_looked_for(environ: dict[str, str]) -> None:
    code, lines = run(environ | {"DATABASE_URL": "mysql://alice:wonderland@db/board"}, "doctor")
    assert code == 1
    assert lines[0].startswith("!!   settings  DATABASE_URL must start with")
    assert lines[-1].startswith("1 thing is wrong. Not looked at before that is mended: secrets, ")
    assert not any("wonderland" in line for line in lines)
