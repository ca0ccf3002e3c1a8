"""Sealing: text that is handed out, or kept, and that this board alone can read again."""

import json
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

ALGORITHMS = ["dir", "A256GCM"]
HEADER = {"alg": "dir", "enc": "A256GCM"}


class Seals:
    """Seals for one purpose, under the first of the secret keys, and opens what any of them sealed.

    Nothing that was sealed for one purpose opens for another.
    """

    def __init__(self, secret_keys: Sequence[str], purpose: str) -> None:
        self._keys = [OctKey.import_key(_derived(each, purpose)) for each in secret_keys]

    def seal(self, told: dict[str, Any]) -> str:
        return jwe.encrypt_compact(HEADER, json.dumps(told), self._keys[0], ALGORITHMS)

    def open(self, sealed: str) -> dict[str, Any] | None:
        """Return what was sealed, or None if it was not sealed here, or the key is gone."""
        for key in self._keys:
            try:
                return json.loads(jwe.decrypt_compact(sealed, key, ALGORITHMS).plaintext or b"")
            except (JoseError, ValueError, TypeError):
                continue
        return None


def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
