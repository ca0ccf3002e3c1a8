"""What is fetched from providers: JSON objects, of limited size and in limited time.

What fetches is imported once something is fetched: it takes a quarter of a second, and most boards
have no providers.
"""

import json
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

from service.base import tls
from service.base.errors import Unavailable
from service.base.providers import Provider

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

TIMEOUT = 5.0  # seconds for each step of an exchange
MAX_ANSWER = 512 * 1024  # bytes
# What a test puts in place of the network.
instead_of_network: dict[str, Any] = {}


class Away(Unavailable):
    """A provider answers nothing that could be used; `why` is for the log and the doctor."""

    title = "The provider can't be reached"

    def __init__(self, provider: Provider, why: str) -> None:
        self.why = why
        super().__init__(
            f"{provider.words} does not answer as it should. Try again in a minute, or sign in "
            "another way. If it goes on, tell whoever runs the board.",
            retry_after=30,
        )


@asynccontextmanager
async def client(provider: Provider, **more: Any) -> AsyncGenerator["AsyncOAuth2Client"]:
    """Yield a client; whatever goes wrong with the network or an answer is raised as Away."""
    make, failures = await run_sync(_library)
    try:
        options = instead_of_network or {"verify": await run_sync(certificates)}
        async with make(
            provider.client_id,
            provider.client_secret or None,
            timeout=TIMEOUT,
            follow_redirects=False,
            **options,
            **more,
        ) as made:
            yield made
    except failures as failure:
        raise Away(provider, f"{type(failure).__name__}: {failure}") from None


@cache
def _library() -> tuple[type["AsyncOAuth2Client"], tuple[type[Exception], ...]]:
    import httpx2  # noqa: PLC0415, see above
    from authlib.integrations.base_client import OAuthError  # noqa: PLC0415
    from authlib.integrations.httpx_client import AsyncOAuth2Client  # noqa: PLC0415

    return AsyncOAuth2Client, (httpx2.HTTPError, httpx2.InvalidURL, OAuthError, OSError, ValueError)


@cache
def certificates() -> ssl.SSLContext:
    """Return what is trusted, read once: it takes long."""
    return tls.trusting()


async def fetch(client: "AsyncOAuth2Client", url: str, token: str = "") -> dict[str, Any]:
    """Return the JSON object at an address; raise one of what `client` takes for Away."""
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = bytearray()
    async with client.stream("GET", url, withhold_token=True, headers=headers) as answer:
        answer.raise_for_status()
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MAX_ANSWER:
                raise ValueError(f"{url} sends more than {MAX_ANSWER} bytes")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError(f"{url} sends no JSON object")
    return found
