"""Every table: as the steps have made it, and in the backup or left out of it for a reason."""

from typing import Any

import pytest

from service.access import names, sessions
from service.base import lookalikes
from service.data import db, migrations
from service.data.columns import CharField
from service.data.tables import EventCounter, Session, Table, User
from service.keep import formats, kinds, restore

# Without those that tests make.
TABLES = [each for each in Table.__subclasses__() if each.__module__.startswith("service.")]
MADE_BY_THE_DATABASE = {"search"}  # from the words, on PostgreSQL
WITHOUT_MODELS = {"schema_floor", migrations.HISTORY, "message_index"}
# Of some rows only, or of no column: Peewee knows neither.
PARTIAL = {"messages_search", "messages_without_words", "messages_roots", "messages_replies"}
PARTIAL |= {"messages_pinned_by", "messages_pins", "events_user", "rooms_open_names"}
SHADOWS = "SELECT name FROM pragma_table_list WHERE type = 'shadow'"  # of SQLite's index
FOREIGN_KEYS = {
    "sqlite": """SELECT "from", "table", "to", on_delete FROM pragma_foreign_key_list(?)""",
    "postgresql": """SELECT a.attname, confrelid::regclass::text, b.attname,
        CASE confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'c' THEN 'CASCADE'
            WHEN 'n' THEN 'SET NULL' ELSE confdeltype::text END
        FROM pg_constraint
        JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
        JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = confkey[1]
        WHERE contype = 'f' AND conrelid = %s::regclass""",
}
WHAT_TO_DO = (
    "Add it to FORMATS in service/keep/formats.py, so that backups hold it, or to LEFT_OUT there "
    "with the reason why they need not"
)


@pytest.mark.parametrize("table", TABLES)
def test_tables_are_as_the_steps_have_made_their_tables(database: None, table: type[Table]) -> None:
    meta = table._meta
    with db.read():
        columns = db.database.get_columns(meta.table_name)
        indexes = db.database.get_indexes(meta.table_name)
        primary = db.database.get_primary_keys(meta.table_name)
    columns = [column for column in columns if column.name not in MADE_BY_THE_DATABASE]
    assert {column.name: column.null for column in columns} == {
        field.column_name: field.null for field in meta.sorted_fields
    }
    made = {(tuple(index.columns), index.unique) for index in indexes if index.name not in PARTIAL}
    assert {index for index in made if list(index[0]) != primary} == wanted_indexes(table)
    assert primary == [field.column_name for field in meta.sorted_fields if field.primary_key]


@pytest.mark.parametrize("table", TABLES)
def test_tables_and_steps_agree_in_foreign_keys(database: None, table: type[Table]) -> None:
    question = FOREIGN_KEYS["sqlite" if db.on_sqlite() else "postgresql"]
    with db.read():
        made = db.database.execute_sql(question, (table._meta.table_name,)).fetchall()
    assert sorted(made) == sorted(
        (
            field.column_name,
            field.rel_model._meta.table_name,
            field.rel_field.column_name,
            field.on_delete or "NO ACTION",
        )
        for field in table._meta.refs
    )


def wanted_indexes(table: type[Table]) -> set[tuple[tuple[str, ...], bool]]:
    meta = table._meta
    single = {
        ((field.column_name,), bool(field.unique))
        for field in meta.sorted_fields
        if (field.index or field.unique) and not field.primary_key
    }
    return single | {
        (tuple(meta.fields[name].column_name for name in names), unique)
        for names, unique in meta.indexes
    }


def test_every_table_has_a_model(database: None) -> None:
    assert tables() - WITHOUT_MODELS == {table._meta.table_name for table in TABLES}


def tables() -> set[str]:
    with db.read():
        shadows = db.database.execute_sql(SHADOWS).fetchall() if db.on_sqlite() else []
        return set(db.database.get_tables()) - {name for (name,) in shadows}


def test_every_table_and_column_is_in_the_backup_or_left_out_for_a_reason(database: None) -> None:
    saved = {entry.name: set(entry.columns) for entry in formats.FORMATS[formats.NEWEST]}
    forgotten = tables() - set(saved) - set(formats.LEFT_OUT)
    assert not forgotten, WHAT_TO_DO
    for name, columns in saved.items():
        with db.read():
            there = {column.name for column in db.database.get_columns(name)}
        forgotten = {f"{name}.{column}" for column in there - columns} - set(formats.LEFT_OUT)
        assert not forgotten, WHAT_TO_DO


def test_what_a_rule_lets_through_fits_its_column() -> None:
    longest: dict[Any, int] = {
        field: kind.longest
        for entry in formats.FORMATS[formats.NEWEST]
        for field, kind in zip(entry.fields, entry.columns.values(), strict=True)
        if isinstance(field, CharField) and isinstance(kind, kinds.Text)
    }
    longest[User.username_key] = names.MAX_KEY
    longest[User.name_skeleton] = lookalikes.MAX_SKELETON
    longest[User.display_key] = names.MAX_KEY
    longest[User.display_skeleton] = lookalikes.MAX_SKELETON
    longest[Session.device] = sessions.MAX_DEVICE
    longest[Session.address] = sessions.MAX_ADDRESS
    assert longest == {field: field.max_length for field in longest}


def test_a_restore_empties_every_table_whatever_refers_to_it() -> None:
    kept = set(TABLES) - set(restore.EMPTIED)
    assert kept == {EventCounter}, "Add it to EMPTIED in keep/restore.py: its rows would stay"
    emptied = list(restore.EMPTIED)
    for table in emptied:
        for referred in {*table._meta.refs.values()} - {table}:
            assert emptied.index(referred) > emptied.index(table)
    assert set(TABLES) == set(restore.LOCKED), "Add it to LOCKED in service/keep/restore.py"
