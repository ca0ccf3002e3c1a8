"""Which messages are pinned, and by whom."""

from peewee import ForeignKeyField

from service.data.columns import UTCDateTimeField
from service.data.tables import Message, Table, User


class Pin(Table):
    message = ForeignKeyField(
        Message, primary_key=True, on_delete="CASCADE", backref="+", lazy_load=False
    )
    message_id: int
    user = ForeignKeyField(User, on_delete="CASCADE", backref="+")
    user_id: int
    created_at = UTCDateTimeField()

    class Meta:
        table_name = "pins"
