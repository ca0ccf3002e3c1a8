"""Names: what each looks like, so that no new one looks like another.

That is noted before the next name is taken, by `names.catch_up`: this file is frozen, that is not.
"""

from typing import Any

from peewee import Database


def up(_migrator: Any, db: Database) -> None:
    db.execute_sql("ALTER TABLE users ADD COLUMN name_skeleton VARCHAR(200)")
    db.execute_sql("CREATE UNIQUE INDEX user_name_skeleton ON users (name_skeleton)")
