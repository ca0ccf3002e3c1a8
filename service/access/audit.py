"""The audit log: what was done to people and to the board's options, by whom, from where."""

import datetime as dt
import json
import logging
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from service.access import names, visitors
from service.access.identity import Identity
from service.base import clock, records
from service.data import db
from service.data.tables import AuditEntry

KEPT = dt.timedelta(days=400)
GONE_AT_ONCE = 100  # of those that are older, with each that is written
MAX_NAME = 64
security = logging.getLogger("service.security")


@dataclass(frozen=True)
class Someone:
    """Who did something, or to whom; an operator at the command line has no id."""

    id: int | None
    name: str


@dataclass(frozen=True)
class Actor:
    """Who does something, and from which address."""

    who: Someone
    address: str = ""
    token_id: int | None = None  # of a program that does it for them
    session_id: str | None = None  # in which they do it


OPERATOR = Actor(Someone(None, names.OPERATOR))


def actor(request: Request, me: Identity) -> Actor:
    """Return who asks for something to be done."""
    who, address = Someone(me.user_id, me.name), visitors.address(request)
    return Actor(who, address, me.token_id, me.session_id or None)


def note(by: Actor, action: str, on: Someone | None = None, **detail: object) -> None:
    """Write what is done, in the transaction that does it, and a security line of the same.

    `action` is one of `actions.ACTIONS`, `detail` holds nothing secret, and no name that every line
    of the log has: ValueError. What could be written as
    often as a stranger likes is a line of the log alone, never an entry.
    """
    if taken := detail.keys() & records.STANDARD:
        raise ValueError(f"a line of the log has its own {', '.join(sorted(taken))}")
    if by.token_id is not None:
        detail["token_id"] = by.token_id
    now = clock.now()
    _forget(now - KEPT)
    AuditEntry.insert(
        at=now,
        actor_id=by.who.id,
        actor=by.who.name[:MAX_NAME],
        action=action,
        target_id=on.id if on else None,
        target=on.name[:MAX_NAME] if on else "",
        address=by.address,
        detail=json.dumps(detail, ensure_ascii=False) if detail else "",
    ).execute()
    told = {"username": by.who.name, "user_id": by.who.id, "client": by.address}
    whom = {"target": on.name, "target_id": on.id} if on else {}
    security.info(action, extra=told | whom | detail)


def _forget(before: dt.datetime) -> None:
    """Let the oldest entries go, a few at a time: that costs no more than a look at an index."""
    old = AuditEntry.select(AuditEntry.id).where(AuditEntry.at < before)
    some: Any = old.order_by(AuditEntry.at).limit(GONE_AT_ONCE)
    if not db.on_sqlite():  # where others forget meanwhile, too
        some = some.for_update(skip_locked=True)
    AuditEntry.delete().where(AuditEntry.id << some).execute()
