"""Who is asking, however that was proved."""

from dataclasses import dataclass

from service.access import roles
from service.access.roles import EVERYTHING, Action


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, in a session of theirs, and what they may do: by their role, and by their proof."""

    user_id: int
    name: str
    zone: str
    session_id: str
    scopes: frozenset[Action] = EVERYTHING
    # As it was a moment ago. What writes asks again, in its transaction: `standing.require`.
    role: str = "guest"
    display_name: str | None = None

    @property
    def shown(self) -> str:
        """The name that others see."""
        return self.display_name or self.name

    def may(self, action: Action) -> bool:
        return action in self.scopes and roles.may(self.role, action)
