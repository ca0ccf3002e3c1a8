"""Options: what admins decide of the board while it runs."""

import json
from dataclasses import fields

import pytest

from service.access import audit, options
from service.access.options import Current, Options
from service.base import clock
from service.base.config import Settings
from service.base.errors import BoardError, Invalid, NotFound
from service.data import db
from service.data.tables import AuditEntry, Option


def change(name: str, text: str) -> Options:
    with db.write():
        options.set(audit.OPERATOR, name, text)
    with db.read():
        return options.read()


def test_each_option_is_declared_and_makes_its_value_of_its_text() -> None:
    assert options.DECLARED.keys() == {each.name for each in fields(Options)}
    given = Options(
        board_name="The crew",
        registration="domains",
        domains=("example.org", "example.net"),
        members_invite=True,
        idle_hours=12,
        changes_per_minute=7,
        streams_per_user=8,
    )
    for name, declared in options.DECLARED.items():
        value = getattr(given, name)
        assert declared.kind(options.written(value)) == value


def test_what_is_decided_holds_until_it_is_taken_back(database: None) -> None:
    settings = Settings(board_name="From outside")
    assert change("board_name", "  The crew ").over(settings).board_name == "The crew"
    assert change("board_name", "").over(settings).board_name == "From outside"
    with db.read():
        assert not Option.select().exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("board_name", "a" * 51),
        ("board_name", "a\nb"),
        ("board_name", "\u200b"),
        ("registration", "anybody"),
        ("registration", "domains"),  # none is named
        ("domains", "example.org, @nowhere"),
        ("members_invite", "perhaps"),
        ("idle_hours", "169"),
        ("changes_per_minute", "0"),
        ("streams_per_user", "-1"),
        ("no_such", "1"),
    ],
)
def test_what_can_not_be_is_refused_with_words_and_changes_nothing(
    database: None, name: str, text: str
) -> None:
    with db.write(), pytest.raises((Invalid, NotFound)) as refused:
        options.set_all(audit.OPERATOR, {"streams_per_user": "5", name: text})
    assert isinstance(refused.value, BoardError)
    assert refused.value.message
    with db.read():
        assert options.read() == Options()
        assert not AuditEntry.select().exists()


def test_a_change_is_in_the_audit_log_once(database: None) -> None:
    change("domains", "@Example.org example.net")
    change("domains", "example.org, example.net")  # the same
    with db.read():
        (entry,) = AuditEntry.select()
    assert (entry.action, entry.actor) == ("option.changed", "operator")
    assert json.loads(entry.detail) == {
        "option": "domains",
        "old": "",
        "new": "example.org example.net",
    }


def test_rows_of_a_later_release_are_left_alone(database: None) -> None:
    later = {"another": "1", "registration": "by owl"}
    with db.write():
        for name, value in later.items():
            Option.insert(name=name, value=value, changed_at=clock.now()).execute()
    assert change("board_name", "The crew") == Options(board_name="The crew")
    with db.read():
        assert {row.name: row.value for row in Option.select()} == {
            **later,
            "board_name": "The crew",
        }


def test_a_process_knows_its_own_change_at_once(database: None, settings: Settings) -> None:
    current = Current(settings)
    change("registration", "off")
    assert current.known.registration == "invite"
    assert current.refresh().registration == current.known.registration == "off"
    assert current.known.changes_per_minute == settings.changes_per_minute
