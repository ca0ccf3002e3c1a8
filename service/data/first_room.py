"""The first room, which everybody is in."""

from service.base import clock
from service.data import db
from service.data.columns import UTCDateTimeField

# What is there has been read, as far as anybody knows.
LET_IN = """
INSERT INTO memberships (room_id, user_id, read_number, joined_at)
SELECT 1, users.id, (SELECT coalesce(max(number), 0) FROM messages WHERE room_id = 1), {now}
FROM users WHERE deleted_at IS NULL AND NOT EXISTS (
   SELECT 1 FROM memberships WHERE room_id = 1 AND user_id = users.id)
ORDER BY users.id
ON CONFLICT DO NOTHING
"""


def catch_up() -> None:
    """Let in who is new, or has an account from a release without rooms; in a transaction."""
    statement = LET_IN.format(now="?" if db.on_sqlite() else "%s")
    db.database.execute_sql(statement, (UTCDateTimeField().db_value(clock.now()),))
