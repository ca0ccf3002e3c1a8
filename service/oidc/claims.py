"""What a provider says of somebody: verified, and no more of it than is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwt import Token

from service.base import characters
from service.base.errors import BoardError
from service.base.providers import Provider
from service.oidc.discovery import UNREADABLE

LEEWAY = 60  # seconds that clocks may differ
MAX_SUBJECT = 255  # characters, as the specification has it
MAX_SID = 255

Claims = Mapping[str, Any]


class NotTaken(BoardError):
    """A provider's word that is not taken; `why` is for the log."""

    status = 400
    title = "That sign-in was not taken"
    message = "It may have taken too long, or was begun in another browser. Sign in again."

    def __init__(self, message: str | None = None, *, why: str = "") -> None:
        self.why = why
        super().__init__(message)


@dataclass(frozen=True)
class Told:
    """Who somebody is by their provider's word."""

    issuer: str
    subject: str
    usernames: tuple[str, ...] = ()  # that might do for a new account, the best first
    display_name: str = ""
    email: str = ""
    email_verified: bool = False
    roles: tuple[str, ...] | None = None  # what the claim holds; None where there is none
    sid: str | None = None  # what the provider calls this session

    @property
    def name(self) -> str:
        """What they know it by themselves."""
        return (self.email or next(iter(self.usernames), "") or self.subject)[:254]


def verify(provider: Provider, token: Token, nonce: str, access_token: str) -> Claims:
    """Return what an ID token says; raise NotTaken unless it is for us, for now, for this flow."""
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415, most boards have no providers

    options: dict[str, Any] = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "sub": {"essential": True},
    }
    params = {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
    claims = CodeIDToken(token.claims, token.header, options, params)
    try:
        claims.validate(leeway=LEEWAY)
    except UNREADABLE as failure:
        raise NotTaken(why=f"the ID token is not for this: {failure}") from None
    if not _is_text(claims["sub"], MAX_SUBJECT):
        raise NotTaken(why="the ID token's sub is no text that can be stored")
    return dict(claims)


def told(provider: Provider, signed: Claims, info: Claims) -> Told:
    """Return what an ID token and the userinfo say together; the token's word counts more.

    Raises NotTaken if they are of two people.
    """
    if info and info.get("sub") != signed["sub"]:
        raise NotTaken(why="the userinfo is of somebody else")
    claims = {**info, **signed}
    email = _text(claims.get("email"), 254)
    # That an address was verified is said beside that address.
    beside = signed if "email" in signed else info
    usernames = (claims.get("preferred_username"), email.partition("@")[0], claims.get("name"))
    return Told(
        provider.issuer,
        signed["sub"],
        tuple(name for each in usernames if (name := _text(each, 200))),
        _text(claims.get("name"), 200),
        email,
        bool(email) and beside.get("email_verified") is True,
        _roles(provider, claims),
        _text(signed.get("sid"), MAX_SID) or None,
    )


def _roles(provider: Provider, claims: Claims) -> tuple[str, ...] | None:
    """Return what the role claim holds; one that is absent or of no kind says nothing at all."""
    if not provider.role_claim:
        return None
    found = _at(claims, provider.role_claim)
    found = [found] if isinstance(found, str) else found
    if not isinstance(found, list):
        return None
    return tuple(each for each in found if isinstance(each, str))


def _at(claims: Claims, place: str) -> Any:
    """Return a claim by its name, or by the names that lead to it: realm_access.roles."""
    if place in claims:
        return claims[place]
    found: Any = claims
    for name in place.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _text(value: Any, longest: int) -> str:
    return value if _is_text(value, longest) else ""


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest and characters.can_be_stored(value)
