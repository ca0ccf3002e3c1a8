"""The doctor: whether the board's mail is taken."""

import pytest

from service.base.smtp import Smtp
from tests.mail.server import Received
from tests.patient import Examine
from tests.people import ONE_DATABASE

pytestmark = [ONE_DATABASE, pytest.mark.usefixtures("database")]
ADDRESS = {"PUBLIC_URL": "https://board.example.org"}


@pytest.fixture
def given(received: Received) -> dict[str, str]:
    at = f"127.0.0.1:{received.port}"
    return ADDRESS | {"SMTP_URL": f"smtp://board:s3cret@{at}?from=board@example.org"}


def test_a_server_that_takes_mail_is_no_finding_and_gets_none(
    examine: Examine, received: Received, given: dict[str, str]
) -> None:
    assert examine(**given) == []
    assert any(line.startswith("AUTH") for line in received.commands)
    assert not any(line.upper().startswith("MAIL") for line in received.commands)


def test_a_password_that_is_refused_is_found_and_not_shown(
    examine: Examine, received: Received, given: dict[str, str]
) -> None:
    received.says["AUTH"] = "535 s3cret is wrong"
    ((check, finding),) = examine(**given)
    assert check == "mail"
    assert finding.endswith("(it does not take the user and the password): mend SMTP_URL.")


def test_a_server_without_encryption_and_one_that_is_away_are_found(
    examine: Examine, given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    away = ADDRESS | {"SMTP_URL": "smtp://127.0.0.1:1?from=board@example.org"}
    ((_, finding),) = examine(**away)
    assert finding == "127.0.0.1:1 can't be used for mail (Connection refused): mend SMTP_URL."
    monkeypatch.setattr(Smtp, "must_encrypt", True)
    ((_, finding),) = examine(**given)
    assert "STARTTLS extension not supported by server" in finding


def test_mail_needs_the_boards_address(examine: Examine, given: dict[str, str]) -> None:
    ((_, finding),) = examine(**given | {"PUBLIC_URL": ""})
    assert finding.startswith("SMTP_URL is set and PUBLIC_URL is not, so nothing is mailed: ")
