"""Codes of authenticator apps (TOTP, RFC 6238): six digits, new ones every 30 seconds."""

import hmac

from service.base import clock

STEP = 30  # seconds
DIGITS = 6
# A clock may be off by as much, and a code may be typed slowly.
NEIGHBOURS = (0, -1, 1)


def new_secret() -> str:
    """Return 160 random bits as an app takes them: 32 characters of base32."""
    from pyotp import random_base32  # noqa: PLC0415, only who sets one up needs it

    return random_base32()


def address(secret: str, name: str, board: str) -> str:
    """Return the otpauth address that apps read, from a picture or a link."""
    from pyotp import TOTP  # noqa: PLC0415

    return TOTP(secret).provisioning_uri(name=name, issuer_name=board)


def step_of(secret: str, code: str) -> int | None:
    """Return the time step, about now, that a code belongs to; None if it is wrong."""
    from pyotp import TOTP  # noqa: PLC0415

    now, codes = int(clock.now().timestamp()) // STEP, TOTP(secret)
    fitting = [
        now + by for by in NEIGHBOURS if hmac.compare_digest(codes.generate_otp(now + by), code)
    ]
    return fitting[0] if fitting else None
