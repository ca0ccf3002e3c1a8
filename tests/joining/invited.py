"""Invitations that were made, and who joins by one."""

from typing import Any

import httpx2

from service.data import db
from service.data.tables import AuditEntry, User
from tests.people import PASSWORD, Person


def invite(person: Person, **fields: Any) -> str:
    """Make an invitation as a program does, and return its code."""
    answer = person.post("/api/admin/invites", json={"role": "member", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["code"]


def join(person: Person, code: str, name: str, **more: str) -> httpx2.Response:
    fields = {"code": code, "username": name, "password": PASSWORD, **more}
    return person.post("/api/join", json=fields)


def role_of(name: str) -> str | None:
    with db.read():
        row = User.get_or_none(User.username == name)
    return row.role if row else None


def actions() -> list[str]:
    """Return what the audit log tells of joining, oldest first."""
    with db.read():
        entries = list(AuditEntry.select().order_by(AuditEntry.id))
    return [each.action for each in entries if each.action.split(".")[0] in {"invite", "user"}]
