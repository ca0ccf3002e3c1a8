"""What a provider says of itself, and the keys it signs with.

Only named fields are read: handed on whole, a provider's document could configure the client.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jwt import Token

from service.base.providers import Provider, is_secure
from service.oidc.fetching import Away, client, fetch

PATH = "/.well-known/openid-configuration"
KEPT = 3600.0  # seconds
BELIEVED_AWAY = 2.0  # seconds after it did not answer
REFETCHED = 10.0  # seconds at least between two looks at the keys
# Ours, whatever a provider lists: no `none`, and nothing whose key it shares with us.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
KINDS = frozenset({"RSA", "EC"})
UNREADABLE = (JoseError, ValueError, KeyError, TypeError)  # what a token of no worth may raise


@dataclass(frozen=True)
class Metadata:
    """Where a provider does what."""

    authorization: str
    token: str
    keys: str
    userinfo: str = ""
    logout: str = ""
    names_itself: bool = False  # in each answer (RFC 9207)
    basic: bool = True  # takes the client's secret in a header


class Issuer:
    """A provider as this process knows it; asked for nothing before somebody comes."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._found: tuple[Metadata, float] | None = None
        self._keys: tuple[KeySet, float] | None = None
        self._away: tuple[Away, float] | None = None
        self._looking = asyncio.Lock()

    async def metadata(self) -> Metadata:
        """Return what the provider says of itself, of an hour ago at most; raise Away."""
        async with self._looking:
            if self._found is None or time.monotonic() - self._found[1] > KEPT:
                told = await self._fetched(self.provider.issuer.rstrip("/") + PATH)
                self._found = _read(self.provider, told), time.monotonic()
            return self._found[0]

    async def look(self) -> None:
        """Look whether all can be had that a sign-in needs; raise Away."""
        await self._known_keys(KEPT)

    async def decoded(self, token: str) -> Token:
        """Return a token that the provider signed; raise Away, or one of UNREADABLE.

        A key may have changed, also under the name it had: then they are fetched once more.
        """
        try:
            return _decoded(token, await self._known_keys(KEPT))
        except JoseError:
            return _decoded(token, await self._known_keys(REFETCHED))

    async def _known_keys(self, age: float) -> KeySet:
        address = (await self.metadata()).keys
        async with self._looking:
            if self._keys is None or time.monotonic() - self._keys[1] > age:
                told = await self._fetched(address)
                self._keys = KeySet(_usable(self.provider, told)), time.monotonic()
            return self._keys[0]

    async def _fetched(self, address: str) -> dict[str, Any]:
        """Return what is there; a crowd need not wait for one timeout after the other."""
        if self._away and time.monotonic() - self._away[1] < BELIEVED_AWAY:
            raise self._away[0]
        try:
            async with client(self.provider) as asking:
                return await fetch(asking, address)
        except Away as failure:
            self._away = failure, time.monotonic()
            raise


class Issuers(dict[str, Issuer]):
    """All of them, by their providers' names."""


def known(providers: tuple[Provider, ...]) -> Issuers:
    return Issuers({each.name: Issuer(each) for each in providers})


def _decoded(token: str, keys: KeySet) -> Token:
    return jwt.decode(token, keys, algorithms=ALGORITHMS)


def _usable(provider: Provider, told: dict[str, Any]) -> list[Key]:
    """Return the keys that sign in a way that is taken; a provider may have others as well."""
    found = []
    listed = told.get("keys")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and each.get("kty") in KINDS and each.get("use", "sig") == "sig":
            try:
                found.append(JWKRegistry.import_key(each))
            except UNREADABLE:
                continue
    if not found:
        raise Away(provider, "none of its keys can be used")
    return found


def _read(provider: Provider, told: dict[str, Any]) -> Metadata:
    if told.get("issuer") != provider.issuer:
        raise Away(provider, f"it calls itself {told.get('issuer')!r}, not {provider.issuer!r}")
    methods = told.get("token_endpoint_auth_methods_supported")
    return Metadata(
        _address(provider, told, "authorization_endpoint"),
        _address(provider, told, "token_endpoint"),
        _address(provider, told, "jwks_uri"),
        _address(provider, told, "userinfo_endpoint", needed=False),
        _address(provider, told, "end_session_endpoint", needed=False),
        told.get("authorization_response_iss_parameter_supported") is True,
        not isinstance(methods, list) or "client_secret_basic" in methods,
    )


def _address(provider: Provider, told: dict[str, Any], name: str, *, needed: bool = True) -> str:
    """Return an address that a provider names: over TLS, as its own."""
    address = told.get(name)
    if address is None and not needed:
        return ""
    if not isinstance(address, str) or not is_secure(address):
        raise Away(provider, f"its {name} is {address!r}, which is no address over https")
    return address
