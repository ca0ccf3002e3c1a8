"""Who is asking, however that was proved."""

from dataclasses import dataclass
from typing import Literal

Action = Literal["read", "write"]
EVERYTHING: frozenset[Action] = frozenset({"read", "write"})


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, in a session of theirs, and what they may do by the proof that they gave."""

    user_id: int
    name: str
    zone: str
    session_id: str
    scopes: frozenset[Action] = EVERYTHING

    def may(self, action: Action) -> bool:
        return action in self.scopes
