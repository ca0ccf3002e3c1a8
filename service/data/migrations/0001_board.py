"""The board's first tables. A frozen copy: models may move on, this file does not."""

import secrets
from typing import Any

from peewee import (
    AutoField,
    BigAutoField,
    BigIntegerField,
    CharField,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
)


def up(_migrator: Any, db: Database) -> None:
    class User(db.Model):
        id = AutoField()
        username = CharField(50)
        username_key = CharField(200, unique=True)
        password_hash = CharField(255)
        timezone = CharField(50)
        created_at = DateTimeField()
        disabled_at = DateTimeField(null=True)

        class Meta:
            table_name = "users"

    class Session(db.Model):
        id = CharField(32, primary_key=True)
        user = ForeignKeyField(User)
        device = CharField(200)
        timezone = CharField(50)
        created_at = DateTimeField()
        used_at = DateTimeField()
        expires_at = DateTimeField(index=True)
        ended_at = DateTimeField(null=True, index=True)

        class Meta:
            table_name = "sessions"

    class Message(db.Model):
        id = BigAutoField()
        author = ForeignKeyField(User)
        text = TextField()
        timestamp = DateTimeField()
        edited_at = DateTimeField(null=True)
        deleted_at = DateTimeField(null=True)
        seq = BigIntegerField()
        client_key = CharField(64)
        posted_digest = CharField(64)

        class Meta:
            table_name = "messages"
            indexes = ((("author", "client_key"), True),)

    class Event(db.Model):
        seq = BigIntegerField(primary_key=True)
        kind = CharField(16)
        message = ForeignKeyField(Message)
        created_at = DateTimeField()

        class Meta:
            table_name = "events"

    class EventCounter(db.Model):
        id = AutoField()
        epoch = CharField(16)
        seq = BigIntegerField()

        class Meta:
            table_name = "event_counter"

    class SchemaFloor(db.Model):
        """The oldest step a program must know to use this schema; see migrations/__init__.py."""

        id = AutoField()
        step = IntegerField()

        class Meta:
            table_name = "schema_floor"

    db.create_tables([User, Session, Message, Event, EventCounter, SchemaFloor])
    EventCounter.create(epoch=secrets.token_hex(4), seq=0)
    SchemaFloor.create(step=1)
