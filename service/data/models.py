"""The tables: keys, indexes, and nothing else."""

from peewee import (
    AutoField,
    BigAutoField,
    BigIntegerField,
    ForeignKeyField,
    Model,
)

from service.data.columns import CharField, TextField, UTCDateTimeField
from service.data.db import database


class Table(Model):
    class Meta:
        database = database
        legacy_table_names = False


class User(Table):
    id = AutoField()
    username = CharField(50)  # as its owner writes it
    username_key = CharField(200, unique=True)  # as it is compared
    # As it looks: none yet where an older release wrote it, and for the second of two alike.
    name_skeleton = CharField(200, null=True, unique=True)
    password_hash = CharField(255)
    timezone = CharField(50)
    created_at = UTCDateTimeField()
    disabled_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "users"


class Session(Table):
    id = CharField(32, primary_key=True)
    user = ForeignKeyField(User)
    user_id: int  # made by the line above, as with the other foreign keys
    device = CharField(200)
    timezone = CharField(50)
    created_at = UTCDateTimeField()
    used_at = UTCDateTimeField()
    expires_at = UTCDateTimeField(index=True)
    ended_at = UTCDateTimeField(null=True, index=True)

    class Meta:
        table_name = "sessions"


class KnownNetwork(Table):
    """A network in which a user has signed in, with the password there is."""

    id = AutoField()
    user = ForeignKeyField(User)
    user_id: int
    network = CharField(64)  # a keyed hash: nobody's whereabouts are stored
    seen_at = UTCDateTimeField()

    class Meta:
        table_name = "known_networks"
        indexes = ((("user", "network"), True),)


class Failure(Table):
    """A sign-in that failed or is under way, once for each thing that it counts against."""

    id = BigAutoField()
    key = CharField(64)  # a keyed hash too: a name may be a password in the wrong field
    until = UTCDateTimeField(index=True)  # when it no longer counts

    class Meta:
        table_name = "failures"
        indexes = ((("key", "until"), False),)


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
