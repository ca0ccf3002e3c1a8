"""The log of what changed, and its counter."""

from peewee import AutoField, BigIntegerField, ForeignKeyField, IntegerField

from service.data.columns import CharField, UTCDateTimeField
from service.data.tables.messages import Message
from service.data.tables.table import Table
from service.data.tables.users import User


class Event(Table):
    seq = BigIntegerField(primary_key=True)
    kind = CharField(16)
    message = ForeignKeyField(Message, null=True, lazy_load=False)
    message_id: int | None
    created_at = UTCDateTimeField()
    room = IntegerField(column_name="room_id")  # without a reference: see the step that added it
    # The id of what changed, among its kind; none where an older release wrote of a message.
    subject = BigIntegerField(null=True)
    user = ForeignKeyField(User, null=True, on_delete="CASCADE", index=False)
    user_id: int | None  # whom alone it concerns

    class Meta:
        table_name = "events"
        indexes = ((("room", "seq"), False),)


class EventCounter(Table):
    """One row: the number of the newest event, and the epoch that a restore changes.

    `plain_until` is the number it had when rooms came; 0 on a board that began with them.
    """

    id = AutoField()
    epoch = CharField(16)
    seq = BigIntegerField()
    plain_until = BigIntegerField(default=0)

    class Meta:
        table_name = "event_counter"
