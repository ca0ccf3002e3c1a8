"""Sign-outs that a provider tells of (OpenID Connect Back-Channel Logout)."""

import datetime as dt
import hashlib
import logging
from collections.abc import Sequence
from typing import Any

from joserfc.jwt import JWTClaimsRegistry, Token

from service.access import audit, ended, sessions, spent
from service.access.audit import Actor, Someone
from service.base import clock
from service.base.errors import Malformed
from service.base.providers import Provider
from service.data import db
from service.data.tables import ProvidedIdentity, Session, User
from service.oidc.claims import LEEWAY
from service.oidc.discovery import UNREADABLE, Issuer

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = frozenset({"logout+jwt", "jwt"})  # the second one is older Keycloaks'
MOST_LIFE = 24 * 3600  # seconds; two minutes are usual
security = logging.getLogger("service.security")


class Refused(Malformed):
    message = "The logout token can't be taken."


async def verified(issuer: Issuer, token: str) -> dict[str, Any]:
    """Return what a logout token says; raise Refused, or Away."""
    try:
        decoded = await issuer.decoded(token)
        _check(issuer.provider, decoded)
    except UNREADABLE as failure:
        about = {"provider": issuer.provider.name}
        security.warning("logout token refused: %.200s", failure, extra=about)
        raise Refused from None
    return decoded.claims


def _check(provider: Provider, token: Token) -> None:
    """Raise one of UNREADABLE unless it is for us, and such a token."""
    claims = token.claims
    JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    ).validate(claims)
    if str(token.header.get("typ", "")).lower() not in TYPES:
        raise ValueError("its typ is another")
    if "nonce" in claims or not isinstance(claims["events"][EVENT], dict):
        raise ValueError("it is an ID token")
    if claims["exp"] > clock.now().timestamp() + MOST_LIFE:
        raise ValueError("it would hold for too long to be remembered")
    if not any(isinstance(claims.get(name), str) for name in ("sub", "sid")):
        raise ValueError("it names nobody")


def _until(claims: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromtimestamp(claims["exp"] + LEEWAY, clock.UTC)


def end(provider: Provider, claims: dict[str, Any]) -> int:
    """End the sessions that a token is about, and return how many those were; raise Refused.

    Of one that it names that alone ends, else all that began at the provider as that person.
    """
    subject, sid = claims.get("sub"), claims.get("sid")
    once = hashlib.sha256(f"{provider.issuer} {claims['jti']}".encode()).hexdigest()
    whose = [ProvidedIdentity.issuer == provider.issuer]
    if isinstance(subject, str):
        whose.append(ProvidedIdentity.subject == subject)
    identities = ProvidedIdentity.select(ProvidedIdentity.id).where(*whose)
    of = [Session.provided << identities]
    if isinstance(sid, str):
        of.append(Session.idp_sid == sid)
    with db.write():
        if not spent.spend(once, _until(claims)):
            raise Refused
        _note(provider, of)
        count = sessions.end_these(*of)
    ended.sessions.refresh()
    return count


def _note(provider: Provider, of: Sequence[Any]) -> None:
    """Tell the audit log whose sessions the provider ends."""
    open_ones = Session.select(Session.user).where(*of, Session.ended_at.is_null())
    for user in User.select().where(User.id << open_ones):
        by = Actor(Someone(None, provider.words))
        audit.note(by, "session.ended", Someone(user.id, user.username))
