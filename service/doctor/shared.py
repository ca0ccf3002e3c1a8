"""Redis: whether what the processes share can be used."""

import asyncio
from collections.abc import Generator

from service.base.config import Settings
from service.base.redis_url import Redis
from service.base.shared import MEANWHILE, Shared


def check(settings: Settings, server: Redis) -> Generator[str, None, str]:
    """Find what keeps it from being used; connect, ask and tell what the board asks and tells."""
    if why := asyncio.run(Shared(server, settings.secret_keys[0]).why_not()):
        yield (
            f"Redis can't be used ({server.place}: {why}): mend REDIS_URL or the server; "
            f"meanwhile, {MEANWHILE}."
        )
    return f"{server.place} answers"
