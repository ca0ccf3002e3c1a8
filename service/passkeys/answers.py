"""What browsers bring back of passkeys, once it is read."""

from collections.abc import Callable
from dataclasses import dataclass

from service.base.errors import NotSignedIn


class NotTaken(NotSignedIn):
    title = "That passkey is not taken"
    message = (
        "The board does not know that passkey, or its account may not sign in. Try another one, "
        "or sign in another way."
    )


@dataclass(frozen=True)
class Made:
    """A passkey that an authenticator has made."""

    id_hash: str
    credential: str  # base64
    sign_count: int
    backed_up: bool


@dataclass(frozen=True)
class Answered:
    """What an authenticator says that was asked for a signature, to be proved by `prove`."""

    id_hash: str
    user_handle: str | None  # base64, as it is stored
    sign_count: int
    backed_up: bool
    prove: Callable[[str], None]  # by a stored credential; raises NotTaken
