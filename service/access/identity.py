"""Who is asking, however that was proved."""

from dataclasses import dataclass
from typing import NamedTuple

from service.access import roles
from service.access.roles import EVERYTHING, Action
from service.base.clock import Clock


class Owner(NamedTuple):
    """Whose a bot is, and their role: it may do nothing that they may not."""

    id: int
    role: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, by a session or a token of theirs, and what they may do: by role, and by proof."""

    user_id: int
    name: str
    zone: str
    session_id: str
    scopes: frozenset[Action] = EVERYTHING
    # As it was a moment ago. What writes asks again, in its transaction: `standing.require`.
    role: str = "guest"
    display_name: str | None = None
    owner: Owner | None = None  # of a bot
    token_id: int | None = None  # of a program, which has no session
    # What pages look like to them.
    theme: str = "system"
    hours: str = ""
    newest_first: bool = False

    @property
    def shown(self) -> str:
        """The name that others see."""
        return self.display_name or self.name

    @property
    def clock(self) -> Clock:
        """How times are shown to them."""
        return Clock(self.zone, self.hours)

    def may(self, action: Action) -> bool:
        owner = self.owner and self.owner.role
        return action in self.scopes and roles.may(self.role, action, owner)
