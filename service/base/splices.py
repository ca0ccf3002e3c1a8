"""A text encoded once, and compressed, though some places in it differ each time."""

import struct
import zlib
from typing import NamedTuple

LEVEL = 8  # as small as at 9, a little sooner
RAW = -15  # a stream without head or end
HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # RFC 1952, section 2.3


class Patch(NamedTuple):
    """What fills a place, and the same as it stands in a compressed file."""

    plain: bytes
    packed: bytes


def stored(value: bytes) -> Patch:
    """Return a patch of at most 65,535 bytes, stored as they are: their length tells nothing."""
    return Patch(value, struct.pack("<BHH", 0, len(value), len(value) ^ 0xFFFF) + value)


def compressed(value: bytes) -> Patch:
    """Return a patch compressed by itself: it tells nothing of how alike it and the rest are."""
    return Patch(value, _compressed(value, zlib.Z_FULL_FLUSH))


class Split:
    """A text cut at some places, to be filled there."""

    def __init__(self, text: bytes, *places: bytes) -> None:
        """`places` stand in the text in this order, each once or not at all."""
        self.parts: list[tuple[bytes, int]] = []  # with which place comes behind it
        for number, place in enumerate(places):
            before, found, after = text.partition(place)
            if found:
                self.parts.append((before, number))
                text = after
        self.end = text

    def __len__(self) -> int:
        """Return how many bytes are kept."""
        return sum(len(before) for before, _ in self.parts) + len(self.end)

    def filled(self, *patches: Patch) -> bytes:
        """Return the text with each patch in its place; one without a place is left out."""
        pieces = [each for before, number in self.parts for each in (before, patches[number].plain)]
        return b"".join([*pieces, self.end])


class Spliced:
    """A gzip file made of what stands around some places, and what fills them."""

    def __init__(self, split: Split) -> None:
        self._parts = [(compressed(before), number) for before, number in split.parts]
        self._end = Patch(split.end, _compressed(split.end, zlib.Z_FINISH))

    def __len__(self) -> int:
        """Return how many bytes are kept."""
        pieces = *(before for before, _ in self._parts), self._end
        return sum(len(piece.plain) + len(piece.packed) for piece in pieces)

    def filled(self, *patches: Patch) -> bytes:
        """Return the file with each patch in its place; one without a place is left out."""
        pieces = [each for before, number in self._parts for each in (before, patches[number])]
        pieces.append(self._end)
        total = length = 0
        for piece in pieces:
            total = zlib.crc32(piece.plain, total)
            length += len(piece.plain)
        packed = b"".join([HEAD, *(piece.packed for piece in pieces)])
        return packed + struct.pack("<II", total, length & 0xFFFFFFFF)


def _compressed(text: bytes, flush: int) -> bytes:
    # Flushed, it ends at a whole byte, and nothing after it refers to it.
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, RAW)
    return compressor.compress(text) + compressor.flush(flush)
