"""Rooms, and who is in which; everybody is in the first one."""

from peewee import AutoField, BigAutoField, BigIntegerField, ForeignKeyField

from service.data.columns import CharField, TextField, UTCDateTimeField
from service.data.tables.table import Table
from service.data.tables.users import User

BOARD = 1  # the id of the first one
FIRST = {"id": BOARD, "slug": "board", "kind": "open", "name": "Board", "name_key": "board"}
EVERYWHERE = 0  # the room of an event that concerns all of them


class Room(Table):
    id = AutoField()
    slug = CharField(32, unique=True)  # as addresses name it
    kind = CharField(16)  # open, private or direct
    name = CharField(100)
    name_key = CharField(200, null=True)  # as it is compared; of open rooms it is unique
    topic = TextField(default="")
    direct_key = CharField(255, null=True, unique=True)  # of the members of a conversation
    last_number = BigIntegerField(default=0)  # not counted: see Message.number
    created_by = ForeignKeyField(User, null=True, on_delete="SET NULL", index=False)
    created_by_id: int | None
    created_at = UTCDateTimeField(null=True)
    archived_at = UTCDateTimeField(null=True)
    deleted_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "rooms"


class Membership(Table):
    """That a user is in a room, how far they have read there, and what they want to be told of."""

    id = BigAutoField()
    room = ForeignKeyField(Room, on_delete="CASCADE", index=False, backref="+")
    room_id: int
    user = ForeignKeyField(User, on_delete="CASCADE", index=False, backref="+")
    user_id: int
    read_number = BigIntegerField(default=0)
    level = CharField(16, default="everything")  # or mentions, or nothing
    joined_at = UTCDateTimeField()

    class Meta:
        table_name = "memberships"
        indexes = ((("room", "user"), True), (("user", "room"), False))
