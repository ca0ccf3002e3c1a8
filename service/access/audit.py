"""The audit log: what was done to people and to the board's options, by whom, from where."""

import datetime as dt
import json
import logging
from dataclasses import dataclass

from starlette.requests import Request

from service.access import visitors
from service.access.identity import Identity
from service.base import clock
from service.data.tables import AuditEntry

KEPT = dt.timedelta(days=400)
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


OPERATOR = Actor(Someone(None, "operator"))


def actor(request: Request, me: Identity) -> Actor:
    """Return who asks for something to be done."""
    return Actor(Someone(me.user_id, me.name), visitors.address(request))


def note(by: Actor, action: str, on: Someone | None = None, **detail: object) -> None:
    """Write what is done, in the transaction that does it, and a security line of the same.

    `detail` holds nothing secret. What is older than KEPT goes.
    """
    now = clock.now()
    AuditEntry.delete().where(AuditEntry.at < now - KEPT).execute()
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
