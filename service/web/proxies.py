"""What proxies say about a request: its client's address, its scheme, its id, its path."""

import ipaddress
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

KEPT_ADDRESSES = 4096
SCHEMES = {"https": "https", "wss": "https", "http": "http", "ws": "http"}


class TrustedProxies:
    """Takes a client's address and scheme, and a request's id, from the named proxies alone."""

    def __init__(self, app: ASGIApp, proxies: tuple[str, ...]) -> None:
        self.app = app
        self._networks = [ipaddress.ip_network(proxy) for proxy in proxies]
        self._trusts = lru_cache(KEPT_ADDRESSES)(self._is_named)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if client := scope.get("client"):
            peer = _address(client[0]) or client[0]
            scope["client"] = (peer, client[1])
            if self._trusts(peer):
                self._believe(scope, Headers(scope=scope))
        await self.app(scope, receive, send)

    def _believe(self, scope: Scope, headers: Headers) -> None:
        scope["given_id"] = headers.get("x-request-id", "")
        peer, port = scope["client"]
        scope["client"] = (self._client(_listed(headers, "x-forwarded-for"), peer), port)
        # Each proxy may have added what it was asked by: the first one is what the browser spoke.
        # A client that writes one itself deceives nobody else.
        said = _listed(headers, "x-forwarded-proto")[:1]
        if scheme := SCHEMES.get(said[0].lower() if said else ""):
            is_socket = scope["type"] == "websocket"
            scope["scheme"] = scheme.replace("http", "ws") if is_socket else scheme

    def _client(self, chain: list[str], peer: str) -> str:
        """Return the nearest address that no named proxy has; it is the last one we can believe."""
        for text in reversed(chain):
            if not (address := _address(text)):
                break
            peer = address
            if not self._trusts(peer):
                break
        return peer

    def _is_named(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


class Below:
    """Serves the board below a path, whether a proxy has taken that off the address or not."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if path == self.base or path.startswith(f"{self.base}/"):
            scope["path"] = path.removeprefix(self.base) or "/"
        await self.app(scope, receive, send)


def _listed(headers: Headers, name: str) -> list[str]:
    """Return what a header lists, also over several lines."""
    items = [item.strip() for line in headers.getlist(name) for item in line.split(",")]
    return [item for item in items if item]


@lru_cache(KEPT_ADDRESSES)
def _address(text: str) -> str | None:
    """Return the IP address that a text holds, some proxies add a port to; None if it holds none.

    An IPv4 address that a socket for both kinds writes as ::ffff:1.2.3.4 comes out as 1.2.3.4.
    """
    host = text.partition("]")[0].removeprefix("[") if text.startswith("[") else text
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
