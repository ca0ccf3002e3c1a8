"""The log of what changed, and its counter."""

from peewee import AutoField, BigIntegerField, ForeignKeyField

from service.data.columns import CharField, UTCDateTimeField
from service.data.tables.messages import Message
from service.data.tables.table import Table


class Event(Table):
    seq = BigIntegerField(primary_key=True)
    kind = CharField(16)
    message = ForeignKeyField(Message)
    message_id: int
    created_at = UTCDateTimeField()

    class Meta:
        table_name = "events"


class EventCounter(Table):
    """One row: the number of the newest event, and the epoch that a restore changes."""

    id = AutoField()
    epoch = CharField(16)
    seq = BigIntegerField()

    class Meta:
        table_name = "event_counter"
