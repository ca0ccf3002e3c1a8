"""What is asked of a provider: the address to send somebody to, and who came back."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from service.oidc import claims
from service.oidc.claims import LEEWAY, NotTaken, Told
from service.oidc.discovery import UNREADABLE, Issuer, Metadata
from service.oidc.fetching import Away, client, fetch
from service.oidc.flow import Flow

AUTH = "token_endpoint_auth_method"


@dataclass(frozen=True)
class Answer:
    """What somebody brings back from a provider, in the address."""

    state: str = ""
    code: str = ""
    issuer: str = ""
    error: str = ""


async def address(issuer: Issuer, flow: Flow, back: str) -> str:
    """Return where to send somebody, who is to come to the address `back`; raise Away."""
    found = await issuer.metadata()
    # Whoever confirms who they are is to prove it anew.
    more: dict[str, Any] = {"prompt": "login", "max_age": 0} if flow.aim == "confirm" else {}
    async with client(issuer.provider, redirect_uri=back, **_asking(issuer)) as asking:
        url, _ = asking.create_authorization_url(
            found.authorization,
            state=flow.state,
            nonce=flow.nonce,
            code_verifier=flow.verifier,
            **more,
        )
    return url


async def who(issuer: Issuer, flow: Flow, answer: Answer, back: str) -> Told:
    """Return who came back; raise NotTaken, or Away."""
    found = await issuer.metadata()
    _check(issuer, found, answer)
    proof = {} if found.basic or not issuer.provider.client_secret else {AUTH: "client_secret_post"}
    async with client(issuer.provider, redirect_uri=back, **_asking(issuer), **proof) as asking:
        token = await asking.fetch_token(
            found.token,
            grant_type="authorization_code",
            code=answer.code,
            code_verifier=flow.verifier,
        )
        signed = await _verified(issuer, flow, token)
        info: claims.Claims = {}
        if found.userinfo:
            info = await fetch(asking, found.userinfo, token["access_token"])
    return claims.told(issuer.provider, signed, info)


async def _verified(issuer: Issuer, flow: Flow, token: dict[str, Any]) -> claims.Claims:
    if not isinstance(token.get("id_token"), str) or not isinstance(token.get("access_token"), str):
        raise Away(issuer.provider, "its answer holds no ID token, or no access token")
    try:
        decoded = await issuer.decoded(token["id_token"])
    except UNREADABLE as failure:
        raise NotTaken(why=f"the ID token is not signed as it should be: {failure}") from None
    signed = claims.verify(issuer.provider, decoded, flow.nonce, token["access_token"])
    if flow.aim == "confirm":
        at = signed.get("auth_time")
        if not isinstance(at, int | float) or at < flow.begun - LEEWAY:
            raise NotTaken(
                f"{issuer.provider.words} does not say that you have just signed in there.",
                why="auth_time is missing or old",
            )
    return signed


def _check(issuer: Issuer, found: Metadata, answer: Answer) -> None:
    """Raise NotTaken unless an answer is this provider's, and one that goes on (RFC 9207)."""
    if answer.issuer != issuer.provider.issuer and (answer.issuer or found.names_itself):
        raise NotTaken(why=f"the answer is of {answer.issuer[:200]!r}")
    if answer.error or not answer.code:
        raise NotTaken(
            f"{issuer.provider.words} did not sign you in. Try again, or sign in another way.",
            why=f"it answered {answer.error[:200]!r}",
        )


async def way_out(issuer: Issuer, back: str) -> str:
    """Return where somebody signs out of the provider, or nothing if it has no such place."""
    found = await issuer.metadata()
    if not found.logout:
        return ""
    query = {"client_id": issuer.provider.client_id, "post_logout_redirect_uri": back}
    return f"{found.logout}{'&' if '?' in found.logout else '?'}{urlencode(query)}"


def _asking(issuer: Issuer) -> dict[str, Any]:
    return {"scope": issuer.provider.scopes, "code_challenge_method": "S256"}
