"""Messages as they are now; a deleted one keeps an emptied row."""

from peewee import BigAutoField, BigIntegerField, ForeignKeyField

from service.data.columns import CharField, TextField, UTCDateTimeField
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

    class Meta:
        table_name = "messages"
        indexes = ((("author", "client_key"), True),)
