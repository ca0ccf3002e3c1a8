"""An authenticator in software: it does what it is told, right or wrong."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, MADE = 0x01, 0x04, 0x40  # flags
ELIGIBLE, BACKED_UP = 0x08, 0x10
Told = dict[str, Any]


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """A device with one passkey, at a browser that shows a page of `origin`."""

    origin: str = "https://board.test"
    host: str = "board.test"
    flags: int = PRESENT | VERIFIED
    count: int = 1
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    cose: Told | None = None  # the public key, as it is told in place of the true one
    more: Told = field(default_factory=dict)  # what the browser tells beside the usual
    handle: str | None = None

    def make(self, options: Told) -> Told:
        """Return what the browser answers that was asked to make a passkey."""
        self.handle = options["user"]["id"]
        public = self.cose if self.cose is not None else dict(self._public())
        key = struct.pack(">16sH", b"", len(self.id)) + self.id + cbor.encode(public)
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(self.flags | MADE) + key}
        response = {"attestationObject": encoded(cbor.encode(made))}
        return self._credential("webauthn.create", options, response)

    def answer(self, options: Told) -> Told:
        """Return what the browser answers that was asked for a signature."""
        data = self._data(self.flags)
        client = self._client("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"authenticatorData": encoded(data), "signature": encoded(signature)}
        response |= {"userHandle": self.handle} if self.handle else {}
        return self._credential("webauthn.get", options, response)

    def _credential(self, kind: str, options: Told, response: Told) -> Told:
        client = encoded(self._client(kind, options))
        return {
            "id": encoded(self.id),
            "rawId": encoded(self.id),
            "type": "public-key",
            "response": {"clientDataJSON": client, **response},
            "clientExtensionResults": {},
        }

    def _client(self, kind: str, options: Told) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(told | self.more).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _public(self) -> ES256:
        return ES256.from_cryptography_key(self.key.public_key())
