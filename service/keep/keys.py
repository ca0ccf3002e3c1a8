"""Whether rows fit together: each refers to rows that are there, and repeats no key."""

import errno
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import peewee

from service.data import sqlite
from service.data.tables import Table


class Keys:
    """The keys of the rows seen so far, in a temporary file where they are many."""

    def __init__(self) -> None:
        # Without a name it would be in memory: our SQLite keeps all there that is temporary.
        with tempfile.NamedTemporaryFile(prefix="board-") as file:
            self._seen = sqlite.library.connect(file.name, isolation_level=None)
            self._seen.execute("PRAGMA journal_mode = OFF")
        self._seen.execute("PRAGMA foreign_keys = ON")
        self._seen.execute("BEGIN")

    def close(self) -> None:
        self._seen.close()

    def checked(
        self, table: type[Table], columns: list[str], rows: Iterable[dict[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        """Yield a table's rows as they come; raise ValueError for one that does not fit.

        `columns` are theirs, the key first. Raises OSError where there is no room for the keys.
        """
        self._seen.execute(_declared(table, columns))
        names = _keys(table, columns)
        places = ", ".join(f":{name}" for name in names)
        insert = f"INSERT INTO {_name(table)} ({', '.join(names)}) VALUES ({places})"  # noqa: S608
        for row in rows:
            try:
                self._seen.execute(insert, {name: row[name] for name in names})
            except sqlite.library.IntegrityError as failure:
                raise ValueError(f"row {row[columns[0]]} of {_name(table)}, {failure}") from None
            except sqlite.library.OperationalError as failure:
                raise OSError(errno.ENOSPC, str(failure), tempfile.gettempdir()) from None
            yield row


def _declared(table: type[Table], columns: list[str]) -> str:
    """Return the statement that makes a table of the same keys."""
    meta = table._meta
    parts = [f"{name} {_role(meta.columns[name])}" for name in columns]
    parts += [f"UNIQUE ({', '.join(names)})" for names in _unique(table, columns)]
    return f"CREATE TABLE {_name(table)} ({', '.join(parts)})"


def _keys(table: type[Table], columns: list[str]) -> set[str]:
    own = {name for name in columns if _role(table._meta.columns[name])}
    return own.union(*_unique(table, columns))


def _unique(table: type[Table], columns: list[str]) -> list[list[str]]:
    meta = table._meta
    each = [[meta.fields[name].column_name for name in i] for i, unique in meta.indexes if unique]
    return [names for names in each if set(names) <= set(columns)]


def _role(field: Any) -> str:
    if field.primary_key:
        return "PRIMARY KEY"
    if isinstance(field, peewee.ForeignKeyField):
        return f"REFERENCES {_name(field.rel_model)}"
    return "UNIQUE" if field.unique else ""


def _name(table: type[Table]) -> str:
    return table._meta.table_name
