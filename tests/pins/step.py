"""Pins: on a message, by a user."""

from typing import Any

from peewee import Database


def up(_migrator: Any, db: Database) -> None:
    db.execute_sql(
        "CREATE TABLE pins (message_id BIGINT NOT NULL PRIMARY KEY"
        " REFERENCES messages (id) ON DELETE CASCADE,"
        " user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,"
        " created_at TIMESTAMP NOT NULL)"
    )
    db.execute_sql("CREATE INDEX pins_user ON pins (user_id)")
