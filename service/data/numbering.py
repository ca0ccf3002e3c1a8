"""The numbers that messages are shown with, where an older release left them out."""

from service.data import db
from service.data.tables import BOARD, Message


def catch_up() -> None:
    """Number what a restore by the release before this one has left without, on SQLite.

    To be quick, it takes the triggers away meanwhile; it knows of no numbers.
    """
    missing = (Message.room == BOARD) & Message.number.is_null()
    with db.read():
        if not Message.select().where(missing).exists():
            return
    with db.write():
        Message.update(number=Message.id, version=Message.seq).where(missing).execute()
