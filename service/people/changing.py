"""Somebody who is changed: their row in one transaction, and whether it may be done."""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from service.access import audit, names, roles, standing
from service.access.audit import Actor, Someone
from service.access.roles import Action
from service.base import clock
from service.base.errors import Conflict, Forbidden, NotFound
from service.data import db
from service.data.tables import Bot, User

NOT_ABOVE = "Only admins may do that to admins and moderators."


@dataclass(frozen=True)
class Changing:
    """Somebody's row, locked with those of their bots, of whoever changes it, and of all admins."""

    by: Actor
    row: User
    locked: Collection[User]

    @property
    def who(self) -> Someone:
        return Someone(self.row.id, self.row.username)

    @property
    def by_oneself(self) -> bool:
        return self.by.who.id == self.row.id

    def require(self, action: Action) -> None:
        """Raise Forbidden unless whoever changes it may do that, to somebody of that role."""
        now = standing.require_of(self.by, action)
        if now is None or self.by_oneself:
            return
        if self.row.role not in roles.ADMITS.get(now.role, ()):
            raise Forbidden(NOT_ABOVE)

    def leave_an_admin(self) -> None:
        """Raise Conflict if the row is that of the last admin who can sign in."""
        able = {each.id for each in self.locked if _can_manage(each)}
        if able == {self.row.id}:
            raise Conflict(
                f"{self.row.username} is the last admin who can sign in. "
                "Make somebody else an admin first."
            )

    def keep_out_bots(self) -> list[int]:
        """Keep out the bots of whoever goes, until an admin gives them to another; return those."""
        theirs = User.id << _bots_of(self.row.id), User.disabled_at.is_null()
        bots = list(User.select().where(*theirs))
        for bot in bots:
            audit.note(self.by, "user.disabled", Someone(bot.id, bot.username))
            User.update(disabled_at=clock.now()).where(User.id == bot.id).execute()
        return [bot.id for bot in bots]

    def write(self, action: str, told: dict[str, object] | None = None, **values: object) -> None:
        """Change the row and say so in the audit log."""
        audit.note(self.by, action, self.who, **(told or {}))
        User.update(**values).where(User.id == self.row.id).execute()


@contextmanager
def changing(by: Actor, user_id: int, *, deleted_too: bool = False) -> Generator[Changing]:
    """Change somebody in one transaction; raise NotFound, or NotSignedIn if `by` is nobody now."""
    ids = {user_id, by.who.id} - {None}
    with db.write():
        names.hold()  # some are named anew
        # In the order of ids: of two who do it to each other one waits, and sees what came first.
        wanted = (User.id << ids) | (User.role == "admin") | (User.id << _bots_of(user_id))
        query = User.select().where(wanted).order_by(User.id)
        locked = list(db.locked(query))
        row = next((each for each in locked if each.id == user_id), None)
        if row is None or (row.deleted_at and not deleted_too):
            raise NotFound("There is no such account any more.")
        yield Changing(by, row, locked)


def _bots_of(user_id: int) -> Any:
    return Bot.select(Bot.user).where(Bot.owner == user_id)


def _can_manage(row: User) -> bool:
    return roles.may(row.role, "manage") and row.disabled_at is None and row.deleted_at is None
