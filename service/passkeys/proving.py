"""A passkey's answer, as a request brings it."""

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import visitors
from service.access.throttle import Throttle
from service.access.tokens import Signer
from service.accounts.accounts import Account
from service.base import parts
from service.base.config import Settings
from service.base.errors import BoardError, NotFound
from service.base.passkeys import Home
from service.passkeys import challenges, passkeys
from service.passkeys.answers import NotTaken
from service.passkeys.challenges import Aim
from service.web.forms import Described, Fields

security = logging.getLogger("service.security")
FIELDS: dict[str, Described] = {
    "credential": (True, "What the browser answered: `toJSON()` as text"),
    "challenge": (True, "The challenge, as it came with the question"),
}


def home(request: Request) -> Home:
    """Return where passkeys work; raise NotFound where they don't."""
    found = parts.of(request, Settings).passkey_home
    if found.fault:
        raise NotFound(f"{found.fault} So there are no passkeys here.")
    return found


def question(request: Request, aim: Aim, user_id: int = 0) -> Response:
    """Return what a passkey is to be asked: any of the board's, or one of a user's."""
    from service.passkeys import ceremony  # noqa: PLC0415, see there

    there = home(request)
    known = passkeys.credentials(user_id, there) if user_id else []
    challenge = challenges.make(aim, user_id)
    told = ceremony.request_options(there, challenge, known)
    signed = challenges.sign(parts.of(request, Signer), challenge)
    return JSONResponse({"challenge": signed, "publicKey": told})


def proved(request: Request, fields: Fields, aim: Aim, user_id: int = 0) -> Account:
    """Return whose passkey has answered; raise NotTaken, Invalid, Over or TooManyRequests.

    What fails counts against the network it came from.
    """
    from service.passkeys import ceremony  # noqa: PLC0415, see there

    there, signer = home(request), parts.of(request, Signer)
    challenge = challenges.read(signer, fields["challenge"], aim, user_id)
    answered = ceremony.answered(there, challenge, fields["credential"])
    address = visitors.address(request)
    try:
        with parts.of(request, Throttle).guess(address, NotTaken):
            return passkeys.prove(answered, challenge, there, address)
    except BoardError as failure:
        told = {"status": failure.status, "client": address}
        security.warning("passkey refused", extra=told)
        raise
