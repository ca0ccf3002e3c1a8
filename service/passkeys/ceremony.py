"""What is asked of browsers, and what they bring back: checked by fido2, and where that is lax.

Imported where it is used: most starts of the board never need fido2 and its 40 ms.
"""

import base64
import hashlib
import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from service.access.identity import Identity
from service.base.errors import Invalid
from service.base.passkeys import Home
from service.passkeys import reading
from service.passkeys.answers import Answered, Made, NotTaken
from service.passkeys.challenges import LIFETIME, Challenge

ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256: every authenticator has one of them
LONGEST = 3000  # characters of a key as it is stored
MOST_ID = 1023  # bytes, by the standard
VERIFIED = UserVerificationRequirement.REQUIRED
# What fido2 and cryptography raise of what is no answer of an authenticator.
JUNK = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, AssertionError)
JUNK += (RecursionError, UnsupportedAlgorithm)

logging.getLogger("fido2").setLevel(logging.WARNING)  # each use is a line of our own


def creation_options(
    home: Home, board: str, challenge: Challenge, me: Identity, known: Sequence[str]
) -> dict[str, Any]:
    """Return what a browser is told to make a passkey by; `known` are credentials of the user."""
    user = PublicKeyCredentialUserEntity(id=challenge.handle, name=me.name, display_name=me.shown)
    options, _ = _server(home, board).register_begin(
        user,
        _unpacked(known),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=VERIFIED,
        challenge=challenge.asked,
    )
    return dict(options)["publicKey"]


def request_options(home: Home, challenge: Challenge, known: Sequence[str]) -> dict[str, Any]:
    """Return what a browser is told to ask a passkey by: any of the board's, or one of some."""
    options, _ = _server(home).authenticate_begin(
        _unpacked(known) or None, user_verification=VERIFIED, challenge=challenge.asked
    )
    return dict(options)["publicKey"]


def made(home: Home, challenge: Challenge, text: str) -> Made:
    """Return the passkey that a browser says was made; raise Invalid."""
    try:
        return _made(home, challenge, reading.registration(text))
    except JUNK:
        raise Invalid(passkey="That is no passkey the board can take. Try once more.") from None


def answered(home: Home, challenge: Challenge, text: str) -> Answered:
    """Return what a passkey says, as far as no key is needed to check it; raise Invalid."""
    try:
        return _answered(home, challenge, reading.authentication(text))
    except JUNK:
        raise Invalid(credential="That is no answer of a passkey. Try once more.") from None


def _made(home: Home, challenge: Challenge, told: dict[str, Any]) -> Made:
    response = RegistrationResponse.from_dict(told)
    data = _server(home).register_complete(_state(challenge), response)
    _check(response.response.client_data, data)
    key = data.credential_data
    if key is None or key.public_key.get(3) not in ALGORITHMS:
        raise ValueError("it is a key of a kind that was not asked for")
    if response.raw_id != key.credential_id or not 1 <= len(key.credential_id) <= MOST_ID:
        raise ValueError("its id is another")
    credential = base64.b64encode(key).decode()
    if len(credential) > LONGEST:
        raise ValueError("it is too long")
    _try(key.public_key)
    return Made(_digest(key.credential_id), credential, data.counter, data.is_backed_up())


def _try(key: CoseKey) -> None:
    """Raise one of JUNK unless a key can say that a signature is wrong."""
    try:
        key.verify(b"", b"")
    except InvalidSignature:
        return
    raise ValueError("it takes anything for its signature")


def _answered(home: Home, challenge: Challenge, told: dict[str, Any]) -> Answered:
    response = AuthenticationResponse.from_dict(told)
    answer = response.response
    data = answer.authenticator_data
    _check(answer.client_data, data)
    handle = None if answer.user_handle is None else base64.b64encode(answer.user_handle).decode()
    prove = partial(_prove, home, challenge, response)
    return Answered(_digest(response.raw_id), handle, data.counter, data.is_backed_up(), prove)


def _prove(
    home: Home, challenge: Challenge, response: AuthenticationResponse, credential: str
) -> None:
    """Raise NotTaken unless the key of a stored credential has signed."""
    try:
        keys = _unpacked([credential])
        _server(home).authenticate_complete(_state(challenge), keys, response)
    except JUNK:
        raise NotTaken from None


def _check(client: CollectedClientData, data: AuthenticatorData) -> None:
    """Raise ValueError for what the standard forbids and fido2 lets pass."""
    if client.cross_origin:
        raise ValueError("another site's page has asked")
    if data.is_backed_up() and not data.is_backup_eligible():
        raise ValueError("it is backed up, and can't be")


def _server(home: Home, board: str = "") -> Fido2Server:
    there = PublicKeyCredentialRpEntity(name=board, id=home.host)
    # By itself it takes subdomains, and other ports, for the board.
    server = Fido2Server(
        there,
        AttestationConveyancePreference.NONE,
        verify_origin=lambda origin: origin == home.origin,
    )
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=each)
        for each in ALGORITHMS
    ]
    server.timeout = int(LIFETIME.total_seconds() * 1000)
    return server


def _state(challenge: Challenge) -> dict[str, str]:
    return {"challenge": websafe_encode(challenge.asked), "user_verification": VERIFIED}


def _unpacked(credentials: Sequence[str]) -> list[AttestedCredentialData]:
    """Return stored credentials; one that is none, as a backup may hold, is left out."""
    found = []
    for each in credentials:
        try:
            found.append(AttestedCredentialData(base64.b64decode(each)))
        except JUNK:
            continue
    return found


def _digest(credential_id: bytes) -> str:
    return hashlib.sha256(credential_id).hexdigest()
