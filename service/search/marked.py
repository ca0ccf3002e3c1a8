"""What a search asks of messages beside their words: where they are, and what is on them."""

from collections.abc import Collection

from service.access import visible
from service.access.visible import Reader, Trusted
from service.data import db
from service.search.query import Mark, Query

FEW = 2000  # messages, each of which is looked at sooner than all that match are gone through

# Of a message {m}, in words that both databases know.
IS: dict[Mark, str] = {
    "link": "replace(replace(lower({m}.text), 'https://', ''), 'http://', '') <> lower({m}.text)",
    "pin": "{m}.pinned_at IS NOT NULL",
    "reaction": "EXISTS (SELECT 1 FROM reactions AS x WHERE x.message_id = {m}.id)",
    "reply": "EXISTS (SELECT 1 FROM messages AS x"
    " WHERE x.parent_id = {m}.id AND x.deleted_at IS NULL AND +x.room_id IN {rooms})",
    "mention": "EXISTS (SELECT 1 FROM mentions AS x"
    " WHERE x.message_id = {m}.id AND x.user_id = {user:d})",
}
# The same of an {id} alone: SQLite asks that before it reads the row, which takes most of the time.
# The + keeps it from beginning there.
OF_ID: dict[Mark, str] = {"reaction": "+{id} IN (SELECT message_id FROM reactions)"}
# The ids of all that are so, where an index tells.
THOSE: dict[Mark, str] = {
    "pin": "SELECT id FROM messages WHERE pinned_at IS NOT NULL AND room_id IN {rooms}",
    "mention": "SELECT message_id FROM mentions WHERE user_id = {user:d}",
    "reply": "SELECT parent_id FROM messages WHERE parent_id IS NOT NULL AND room_id IN {rooms}",
    "reaction": "SELECT message_id FROM reactions",
}
IN_ROOMS = "SELECT id FROM messages WHERE room_id IN ({ids}) AND +room_id IN {rooms}"


def few(me: Reader, query: Query, rooms: Collection[int] | None) -> list[int] | None:
    """Return the ids of the messages that alone can be found, newest first, if they are FEW."""
    sources = [THOSE[mark] for mark in THOSE if mark in query.marks]
    sources += [] if rooms is None else [IN_ROOMS]
    values = {"rooms": visible.rooms(me).sql, "user": _user(me), "ids": _list(rooms or ())}
    for source in sources:
        statement = f"{source.format(**values)} LIMIT {FEW + 1}"
        found = db.database.execute_sql(statement).fetchall()
        if len(found) <= FEW:
            return sorted({row[0] for row in found}, reverse=True)
    return None


def conditions(
    me: Reader,
    query: Query,
    rooms: Collection[int] | None,
    not_rooms: Collection[int],
    m: str = "m",
    its_id: str = "",
) -> str:
    """Return what else must be true of the message that a statement names `m`.

    `its_id` is where the statement has its id before its row, if anywhere.
    """
    so = IS | OF_ID if its_id else IS
    found = [so[mark] for mark in query.marks] + [f"NOT ({so[mark]})" for mark in query.not_marks]
    found += [] if rooms is None else [f"{m}.room_id + 0 IN ({_list(rooms)})"]
    found += [f"{m}.room_id + 0 NOT IN ({_list(not_rooms)})"] if not_rooms else []
    values = {"user": _user(me), "rooms": visible.rooms(me).sql, "m": m, "id": its_id}
    return " AND ".join(each.format(**values) for each in ("1 = 1", *found))


def _user(me: Reader) -> int:
    return 0 if isinstance(me, Trusted) else me.user_id


def _list(ids: Collection[int]) -> str:
    return ", ".join(map(str, sorted(ids)))
