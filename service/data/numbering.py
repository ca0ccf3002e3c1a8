"""The numbers that messages are shown with, where an older release left them out."""

from service.data.tables import BOARD, Message


def catch_up() -> None:
    """Number messages of an older release that no trigger has; in a transaction.

    On SQLite a restore takes the triggers away meanwhile, to be quick.
    """
    missing = Message.room == BOARD, Message.number.is_null()
    Message.update(number=Message.id, version=Message.seq).where(*missing).execute()
