"""E-mail addresses: which are taken, and as what."""

import pytest

from service.base.errors import Invalid
from service.mail import addresses


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Ada.Lovelace@Example.ORG ", "Ada.Lovelace@example.org"),
        ("ada+board@xn--bcher-kva.example.org", "ada+board@bücher.example.org"),
    ],
)
def test_an_address_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert addresses.clean(typed) == stored
    assert addresses.domain(stored) == stored.partition("@")[2]


@pytest.mark.parametrize(
    "typed", ["", "ada", "@example.org", "a b@example.org", "ada@example.org\nBcc: x@y.z", "a@b"]
)
def test_what_is_none_is_refused_in_words(typed: str) -> None:
    with pytest.raises(Invalid, match=r"no e-mail address such as ada@example\.org"):
        addresses.clean(typed)


def test_addresses_are_compared_without_case() -> None:
    assert addresses.key(" ADA@Example.org") == addresses.key("ada@example.ORG")
