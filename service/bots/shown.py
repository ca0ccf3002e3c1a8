"""Bots as pages and programs are shown them."""

from typing import Any

from service.base import clock
from service.bots.bots import Owned
from service.web.render import Look


def as_json(bot: Owned) -> dict[str, Any]:
    """Return a bot as programs get it."""
    account = bot.account
    return {
        "id": account.id,
        "username": account.username,
        "display_name": account.display_name,
        "owner": bot.owner.username if bot.owner else None,
        "works": bot.works,
        "used_at": bot.used_at and clock.utc(bot.used_at),
    }


def condition(bot: Owned) -> str:
    """Return in words whether a bot works, and why not."""
    if bot.owner is None:
        return "Disabled, as it has no owner any more"
    if bot.account.disabled:
        return "Disabled"
    return "Works" if bot.works else f"Kept out, as {bot.owner.username} is, who owns it"


look = Look(filters={"condition": condition})
