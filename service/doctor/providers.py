"""Providers: whether people could sign in through them, and what to tell their admins."""

import asyncio
from collections.abc import Generator

from service.base.config import Settings
from service.base.providers import Provider
from service.oidc.discovery import Issuer
from service.oidc.fetching import Away


def check(settings: Settings) -> Generator[str, None, str]:
    """Find providers that do not answer as they should; asks each for its document and its keys."""
    for provider in settings.providers:
        if why := asyncio.run(_why_not(provider)):
            yield (
                f"{provider.words} can't be used ({why}): look at "
                f"OIDC_{provider.name.upper()}_ISSUER, whether this machine reaches it, and "
                "whether its certificate is of an authority known here (SSL_CERT_DIR adds yours). "
                f"Its redirect address here is {provider.back(settings.public_url)}"
            )
    told = (f"{each.words}: {each.back(settings.public_url)}" for each in settings.providers)
    return f"redirect addresses are {', '.join(told)}"


async def _why_not(provider: Provider) -> str:
    try:
        await Issuer(provider).look()
    except Away as failure:
        return failure.why
    return ""
