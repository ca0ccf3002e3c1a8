"""A zip that is made while it is sent: no more than a few pieces of it are in memory."""

import time
from collections.abc import Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


class _Sink:
    """What a zip is written to; it can't go back, so the zip says each size after the file."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, piece: bytes) -> int:
        self._written += piece
        return len(piece)

    def flush(self) -> None:
        """Do nothing: what is written waits to be taken."""

    def close(self) -> None:
        """Do nothing: there is nothing to be given back."""

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def stream(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield a zip of files, each a name and its pieces, which are asked for one by one."""
    sink = _Sink()
    with ZipFile(sink, "w") as zipped:
        for name, pieces in files:
            info = ZipInfo(name, time.gmtime()[:6])
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            with zipped.open(info, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
                    if taken := sink.take():
                        yield taken
    yield sink.take()
