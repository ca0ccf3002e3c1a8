"""What browsers send of passkeys, looked through before fido2 sees it.

Where text is wanted fido2 takes a number too, and makes as many bytes of it: a short request would
use up all memory. So what is not text goes no further.
"""

import json
from typing import Any

from fido2 import cbor
from fido2.utils import websafe_decode

LONGEST = 20_000  # characters of an answer; most have about 1,000
CLIENT = ("type", "challenge", "origin")


def registration(text: str) -> dict[str, Any]:
    """Return what a browser says of a passkey that was made; raise ValueError or KeyError."""
    told = _read(text, "attestationObject")
    made = cbor.decode(websafe_decode(told["response"]["attestationObject"]))
    if not isinstance(made, dict) or not isinstance(made.get("authData"), bytes):
        raise ValueError("its data are none")
    return told


def authentication(text: str) -> dict[str, Any]:
    """Return what a browser says of a passkey that was asked; raise the same."""
    return _read(text, "authenticatorData", "signature")


def _read(text: str, *names: str) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise ValueError("it is too long")
    told = json.loads(text)
    own = _texts(told, "id", "rawId")
    response = _texts(told["response"], "clientDataJSON", *names)
    if told["response"].get("userHandle") is not None:
        response |= _texts(told["response"], "userHandle")
    _texts(json.loads(websafe_decode(response["clientDataJSON"])), *CLIENT)
    return own | {"response": response}


def _texts(told: Any, *names: str) -> dict[str, Any]:
    """Return some entries of an object, all of them text."""
    found = {name: told[name] for name in names}
    if not all(isinstance(each, str) for each in found.values()):
        raise ValueError("it holds something else than text")
    return found
