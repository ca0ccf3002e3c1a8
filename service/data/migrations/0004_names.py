"""Names: what each looks like, so that no new one looks like another."""

from typing import Any

from peewee import Database, SqliteDatabase

from service.base import lookalikes


def up(_migrator: Any, db: Database) -> None:
    value = "?" if isinstance(db, SqliteDatabase) else "%s"
    db.execute_sql("ALTER TABLE users ADD COLUMN name_skeleton VARCHAR(200)")
    seen = {""}
    for number, name in db.execute_sql("SELECT id, username FROM users ORDER BY id").fetchall():
        looks = lookalikes.skeleton(name)
        if looks not in seen:  # the second of two that look alike goes on without
            update = f"UPDATE users SET name_skeleton = {value} WHERE id = {value}"  # noqa: S608
            db.execute_sql(update, (looks, number))
        seen.add(looks)
    db.execute_sql("CREATE UNIQUE INDEX user_name_skeleton ON users (name_skeleton)")
