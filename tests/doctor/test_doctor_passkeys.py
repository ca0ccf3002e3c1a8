"""The doctor: whether passkeys can work."""

import pytest

from service.accounts.accounts import Account
from service.doctor import doctor
from tests.passkeys import use
from tests.patient import Examine
from tests.people import ONE_DATABASE

pytestmark = ONE_DATABASE
HERE = {"PUBLIC_URL": "https://board.example.org"}


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://board.example.org", "they work at https://board.example.org"),
        ("https://board.example.org:443/team", "they work at https://board.example.org"),
        ("http://localhost:8000", "they work at http://localhost:8000"),
        ("https://bücher.example:8443", "they work at https://xn--bcher-kva.example:8443"),
        ("http://127.0.0.1:8000", "none can be used: set PUBLIC_URL to http://localhost:8000"),
        ("https://192.0.2.1", "none can be used: give the board a name"),
        ("http://board.example.org", "none can be used: give the board a certificate"),
        ("", "none can be used: set PUBLIC_URL"),
    ],
)
@pytest.mark.usefixtures("database")
def test_it_says_where_they_work_or_what_to_do(
    environ: dict[str, str], url: str, told: str
) -> None:
    lines = doctor.examine(environ | {"PUBLIC_URL": url})
    (line,) = [each for each in lines if each.check == "passkeys"]
    assert (line.state, line.text.startswith(told)) == ("ok", True)


def test_passkeys_of_another_host_are_a_finding(account: Account, examine: Examine) -> None:
    use.keep(account.id, "old.example")
    found = [text for check, text in examine(**HERE) if check == "passkeys"]
    assert len(found) == 1
    assert "let PUBLIC_URL name the host they are for, not board.example.org" in found[0]
