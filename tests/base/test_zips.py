"""A zip that is made while it is sent."""

import io
import secrets
from collections.abc import Iterator
from zipfile import ZipFile

from service.base import zips

PIECE = 64 * 1024
PIECES = 64


def test_a_zip_is_made_of_pieces_as_they_are_taken() -> None:
    asked = 0

    def pieces() -> Iterator[bytes]:
        nonlocal asked
        for number in range(PIECES):
            asked = number + 1
            yield secrets.token_bytes(PIECE)

    made = bytearray()
    for taken in zips.stream([("first", pieces()), ("second", [b"Two ", b"words"])]):
        made += taken
        assert asked * PIECE - len(made) < 2 * PIECE  # no more than that is kept
    zipped = ZipFile(io.BytesIO(made))
    assert zipped.testzip() is None
    assert zipped.namelist() == ["first", "second"]
    assert (len(zipped.read("first")), zipped.read("second")) == (PIECE * PIECES, b"Two words")
