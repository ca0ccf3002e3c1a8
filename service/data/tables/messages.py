"""Messages as they are now, a deleted one as an emptied row; whom they mention; reactions."""

from peewee import BigAutoField, BigIntegerField, ForeignKeyField

from service.data.columns import CharField, TextField, UTCDateTimeField
from service.data.tables.rooms import Room
from service.data.tables.table import Table
from service.data.tables.users import User


class Message(Table):
    id = BigAutoField()
    author = ForeignKeyField(User)
    author_id: int
    text = TextField()
    timestamp = UTCDateTimeField()
    edited_at = UTCDateTimeField(null=True)
    deleted_at = UTCDateTimeField(null=True)
    seq = BigIntegerField(default=0)  # of the last event about this message
    client_key = CharField(64)
    words = TextField(null=True)  # what it is found by; none yet where an older release wrote it
    posted_digest = CharField(64)  # of the text first posted, to tell a repetition; emptied with it
    room = ForeignKeyField(Room, index=False)
    room_id: int
    # What is shown in place of id and seq. The database's triggers make both.
    number = BigIntegerField(null=True)  # unique in the room
    version = BigIntegerField(null=True)  # higher after each change of what is shown
    parent = ForeignKeyField(
        "self", null=True, on_delete="CASCADE", index=False, backref="+", lazy_load=False
    )
    parent_id: int | None
    kind = CharField(16)  # or system
    pinned_at = UTCDateTimeField(null=True)
    pinned_by = ForeignKeyField(User, null=True, on_delete="SET NULL", index=False, backref="+")
    pinned_by_id: int | None
    removed_at = UTCDateTimeField(null=True)  # by a moderator; it is deleted then, too

    class Meta:
        table_name = "messages"
        indexes = ((("author", "client_key"), True), (("room", "number"), True))


class Mention(Table):
    """That a message names somebody, who could see it by then."""

    id = BigAutoField()
    user = ForeignKeyField(User, on_delete="CASCADE", index=False, backref="+")
    user_id: int
    message = ForeignKeyField(
        Message, on_delete="CASCADE", index=False, backref="+", lazy_load=False
    )
    message_id: int
    room = ForeignKeyField(Room, on_delete="CASCADE", backref="+")
    room_id: int
    number = BigIntegerField()  # the message's

    class Meta:
        table_name = "mentions"
        indexes = ((("message", "user"), True), (("user", "room", "number"), False))


class Reaction(Table):
    """That somebody has put an emoji on a message."""

    id = BigAutoField()
    message = ForeignKeyField(
        Message, on_delete="CASCADE", index=False, backref="+", lazy_load=False
    )
    message_id: int
    user = ForeignKeyField(User, on_delete="CASCADE", backref="+")
    user_id: int
    emoji = CharField(32)
    reacted_at = UTCDateTimeField()

    class Meta:
        table_name = "reactions"
        indexes = ((("message", "user", "emoji"), True),)
