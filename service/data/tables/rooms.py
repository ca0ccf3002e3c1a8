"""Rooms; until there are more, the first one, which everybody is in."""

from peewee import AutoField, BigIntegerField, ForeignKeyField

from service.data.columns import CharField, TextField, UTCDateTimeField
from service.data.tables.table import Table
from service.data.tables.users import User

BOARD = 1  # the id of the first one
FIRST = {"id": BOARD, "slug": "board", "kind": "open", "name": "Board"}


class Room(Table):
    id = AutoField()
    slug = CharField(32, unique=True)  # as addresses name it
    kind = CharField(16)  # open, private or direct
    name = CharField(100)
    topic = TextField(default="")
    direct_key = CharField(255, null=True, unique=True)  # of the members of a conversation
    last_number = BigIntegerField(default=0)  # not counted yet: see Message.number
    created_by = ForeignKeyField(User, null=True, on_delete="SET NULL", index=False)
    created_by_id: int | None
    archived_at = UTCDateTimeField(null=True)
    deleted_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "rooms"
