"""Signing in: failures that outlast a restart, and the networks in which users are known."""

from typing import Any

from peewee import AutoField, BigAutoField, CharField, Database, DateTimeField, ForeignKeyField


def up(_migrator: Any, db: Database) -> None:
    class User(db.Model):
        class Meta:
            table_name = "users"

    class KnownNetwork(db.Model):
        id = AutoField()
        user = ForeignKeyField(User)
        network = CharField(64)
        seen_at = DateTimeField()

        class Meta:
            table_name = "known_networks"
            indexes = ((("user", "network"), True),)

    class Failure(db.Model):
        id = BigAutoField()
        key = CharField(64)
        until = DateTimeField(index=True)

        class Meta:
            table_name = "failures"
            indexes = ((("key", "until"), False),)

    db.create_tables([KnownNetwork, Failure])
