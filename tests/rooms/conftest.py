"""More accounts beside Alice's and Bob's, where no client has a part in it."""

import pytest

from service.accounts.accounts import Account
from tests.people import add_person


@pytest.fixture
def outsider(database: None) -> Account:
    """Charlie's account."""
    return add_person("charlie")


@pytest.fixture
def ada(database: None) -> Account:
    """An admin's."""
    return add_person("ada", "admin")
