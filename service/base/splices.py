"""A text compressed once, though one place in it differs each time."""

import struct
import zlib

LEVEL = 4  # a little less than could be, in a third of the time
RAW = -15  # a stream without head or end
HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # RFC 1952, section 2.3


class Spliced:
    """A gzip file made of what stands before a place, what fills it, and what stands behind it.

    What fills the place is stored as it is: compressed with the rest, its length would tell how
    alike they are. A text without the place is what it is, whatever it is filled with.
    """

    def __init__(self, text: bytes, place: bytes) -> None:
        before, found, self._after = text.partition(place)
        self._has_place = bool(found)
        self._sum, self._length = zlib.crc32(before), len(before)
        # The flush ends at a whole byte, and nothing after it refers to what stands before.
        self._start = HEAD + _compressed(before, zlib.Z_FULL_FLUSH)
        self._end = _compressed(self._after, zlib.Z_FINISH)

    def filled(self, value: bytes) -> bytes:
        """Return the file with `value`, at most 65,535 bytes, in the place."""
        value = value if self._has_place else b""
        stored = struct.pack("<BHH", 0, len(value), len(value) ^ 0xFFFF) + value
        total = zlib.crc32(self._after, zlib.crc32(value, self._sum))
        length = self._length + len(value) + len(self._after)
        return self._start + stored + self._end + struct.pack("<II", total, length & 0xFFFFFFFF)


def _compressed(text: bytes, flush: int) -> bytes:
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, RAW)
    return compressor.compress(text) + compressor.flush(flush)
