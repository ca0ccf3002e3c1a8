"""Fixtures: a room to be told of."""

import pytest

from service.rooms.places import Place
from tests.rooms.making import make
from tests.streams import Board


@pytest.fixture
def cave(board: Board) -> Place:
    """A private room of Alice's and Bob's."""
    return make("cave", "alice", "bob")
