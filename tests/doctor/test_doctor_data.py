"""The doctor looks at the data: database, schema, event numbers, times."""

import re
from collections.abc import Callable

import pytest

from service.accounts import accounts
from service.base import clock
from service.doctor import clocks
from tests.patient import Examine, sql
from tests.people import ON_POSTGRESQL, ONE_DATABASE, add_person, give_role

# Events.


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM events WHERE seq = 4", "1 of 5 events are missing, the first is 4: "),
        ("DELETE FROM events WHERE seq < 3", "2 of 5 events are missing, the first is 1: "),
        ("DELETE FROM events WHERE seq = 5", "1 of 5 events are missing, the first is 5: "),
        ("DELETE FROM events", "5 of 5 events are missing, the first is 1: "),
        (
            "UPDATE event_counter SET seq = 4",
            "The newest event has number 5 and the counter stands at 4, so nobody can post: ",
        ),
        ("DELETE FROM event_counter", "event_counter has 0 rows instead of 1: "),
        (
            "INSERT INTO event_counter (epoch, seq) VALUES ('two', 2)",
            "event_counter has 2 rows instead of 1: ",
        ),
        (
            "UPDATE messages SET seq = 2 WHERE text = 'Four'",
            "1 messages, the first with id 1, don't carry the number of their newest event: ",
        ),
    ],
)
def test_numbers_that_are_missing(
    examine: Examine, history: None, statement: str, expected: str
) -> None:
    sql(statement)
    findings = examine()
    assert {check for check, _ in findings} == {"events"}
    assert findings[0][1] == f"{expected}stop the board and restore the newest backup."


# Time.


def test_a_message_from_the_future(
    examine: Examine, history: None, later: Callable[..., None]
) -> None:
    assert examine() == []
    later(hours=-2)
    found = {check: text for check, text in examine() if "message" in text}
    # Less the seconds that have passed since it was written.
    ahead = re.match("The newest message is (2:00:00|1:59:..) ahead of this ", found["clock"])
    assert ahead
    assert "timedatectl" in found["clock"]


@ON_POSTGRESQL
@pytest.mark.parametrize("hours", [-1, 1])
def test_the_servers_clock_is_another(
    examine: Examine, database: None, later: Callable[..., None], hours: int
) -> None:
    later(hours=hours)
    ((check, finding),) = examine()
    assert check == "clock"
    assert "This clock and PostgreSQL's are 3600 s apart: " in finding


def test_zones_that_nobody_knows_now(
    examine: Examine, account: accounts.Account, other_account: accounts.Account
) -> None:
    give_role(account.username, "admin")
    accounts.keep_zone(account.id, "Mars/Phobos")
    ((check, finding),) = examine()
    assert check == "clock"
    assert finding.startswith("Users have chosen Mars/Phobos, which the zone data doesn't know; ")


@ONE_DATABASE
def test_zone_data_that_is_missing_or_broken(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(clocks.zones()) == []
    monkeypatch.setattr(clock, "zone_names", frozenset)
    assert list(clocks.zones()) == ["There is no time zone data: run `pip install tzdata`."]
    names = frozenset({"Mars/Phobos", "Mars/Deimos", "UTC", "X/1", "X/2"})
    monkeypatch.setattr(clock, "zone_names", lambda: names)
    (finding,) = clocks.zones()
    assert finding.startswith("The data of Mars/Deimos, Mars/Phobos, X/1 and 1 more can't be read")


# The names.


def test_names_that_look_alike(examine: Examine, database: None) -> None:
    """What releases until 0.3.0 let in goes on, and is told of."""
    for name in ("alice", "Bob", "аӏісе"):  # noqa: RUF001, the last one is Cyrillic
        add_person(name, "admin")
    ((check, finding),) = examine()
    assert check == "names"
    assert finding.startswith("'alice' and '\\u0430\\u04cf\\u0456\\u0441\\u0435' look alike")
