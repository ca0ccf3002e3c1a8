"""Cursors as readers hold them, who need not know how much has happened in between.

A sealed one is `epoch.` and its seq under AES, with what ties it to the epoch. The same place is
always written alike. The releases before 0.6 wrote plain ones, which are followed
as far as there were no rooms yet.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.data.events import Cursor

BLOCK = 16  # bytes of one AES block: the seq, and as much of the epoch's digest
HALF = BLOCK // 2
SEALED = 22  # characters of base64 without its padding: more than any plain number has


class Cursors:
    """Seals cursors under the first of the board's secret keys, and opens those of all."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        # One block for each, whose halves never repeat under another seq: no mode adds to that.
        self._ciphers = [Cipher(_key(each), modes.ECB()) for each in secret_keys]  # noqa: S305

    def parse(self, text: str) -> Cursor | None:
        """Return the cursor that `text` writes, plain or sealed, or None if it writes none."""
        return Cursor.parse(text) or self._opened(text)

    def sealed(self, cursor: Cursor) -> str:
        """Return a cursor as nobody else can write or read it."""
        block = cursor.seq.to_bytes(HALF) + _digest(cursor.epoch)
        written = self._ciphers[0].encryptor().update(block)
        return f"{cursor.epoch}.{urlsafe_b64encode(written).decode().rstrip('=')}"

    def _opened(self, text: str) -> Cursor | None:
        epoch, _, sealed = text.rpartition(".")
        if not epoch or len(sealed) != SEALED or not sealed.isascii():
            return None
        try:
            written = urlsafe_b64decode(f"{sealed}==")
        except ValueError:
            return None
        for cipher in self._ciphers if len(written) == BLOCK else ():
            block = cipher.decryptor().update(written)
            if block[HALF:] == _digest(epoch):
                return Cursor(epoch, int.from_bytes(block[:HALF]))
        return None


def _key(secret: str) -> algorithms.AES256:
    made = HKDF(SHA256(), length=32, salt=None, info=b"cursor").derive(secret.encode())
    return algorithms.AES256(made)


def _digest(epoch: str) -> bytes:
    return hashlib.sha256(epoch.encode()).digest()[:HALF]
