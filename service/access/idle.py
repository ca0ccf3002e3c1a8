"""Sessions that nobody uses: where an option says so, they end before their time."""

import datetime as dt

from service.access import options, tokens
from service.base import clock


def until(latest: dt.datetime) -> dt.datetime:
    """Return when a session ends unless it is used again, `latest` at last; in a transaction."""
    return min(latest, clock.now() + _patience())


def noted(used_at: dt.datetime, latest: dt.datetime) -> dict[str, dt.datetime]:
    """Return what is noted of a session that is used again: its end, if that is too late now."""
    now = clock.now()
    if now - used_at > _patience():  # the option may have changed since
        return {"ended_at": now}
    return {"used_at": now, "expires_at": until(latest)}


def _patience() -> dt.timedelta:
    # A use is noted when a token is exchanged, which may have been that long before the last one.
    return dt.timedelta(hours=options.read().idle_hours) + tokens.LIFETIME
