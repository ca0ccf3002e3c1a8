"""What a room is told by the board itself: a message of the kind `system`, and its event.

Search finds none of them: they have no words.
"""

import secrets

from service.base import clock
from service.data import events
from service.data.tables import Message


def tell(room: int, by: int, text: str) -> None:
    """Write that somebody did something, in words, in the transaction that does it, at its end."""
    # The counter first: whoever holds it may number a message.
    seq = events.take()
    written = Message.insert(
        room=room,
        author=by,
        text=text,
        kind="system",
        timestamp=clock.now(),
        words="",
        posted_digest="",
        client_key=secrets.token_urlsafe(16),
        seq=seq,
    ).execute()
    events.append(room, "posted", written, message=written, seq=seq)
