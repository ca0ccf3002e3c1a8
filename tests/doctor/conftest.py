"""Fixtures of the doctor's tests: a board without faults, and one who looks at it."""

import pytest

from service.access import begun
from service.accounts import accounts
from service.doctor import doctor
from service.doctor import proxy as proxy_check
from tests.patient import Ask, Examine, environ_of, findings, write_history
from tests.people import add_person
from tests.servers import KEY, free_port


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    return environ_of(database_url)


@pytest.fixture
def examine(environ: dict[str, str]) -> Examine:
    """Return a function that lists the findings, each with the name of its check."""
    return lambda **changed: findings(environ | changed)


@pytest.fixture
def history(database: None) -> None:
    write_history(add_person("alice", "admin").id)


@pytest.fixture
def ask(database_url: str, account: accounts.Account, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return a function that lists what the doctor finds at an address."""
    monkeypatch.setattr(proxy_check, "FIRST_FRAME", 1.0)

    def ask(url: str, **changed: str) -> list[str]:
        environ = {"DATABASE_URL": database_url, "SECRET_KEY": KEY, "PORT": str(free_port())}
        before = begun.open_sessions(account.id)
        lines = [line for line in doctor.examine(environ | changed, url) if line.check == "proxy"]
        assert len(lines) == 1 or all(line.state == "!!" for line in lines)
        assert not any(KEY in line.text for line in lines)
        assert begun.open_sessions(account.id) == before
        return [line.text for line in lines]

    return ask
