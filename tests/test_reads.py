"""No query of messages or events goes past `access.visible`, which says what a reader may see."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest

from service.data.tables import Event, Message, Table
from tests.house import SERVICE, modules, name_of

GUARDED = {"Message": Message, "Event": Event}
THE_ONE_PLACE = "access.visible"
FROZEN = "data.migrations"  # the steps
WRITES = {"update", "insert", "insert_many", "delete"}
REFERENCES = [each for table in GUARDED.values() for each in table._meta.refs]
BACKWARDS = {each.backref for each in REFERENCES} - {"+"}  # from a user or a room to theirs
SQL = re.compile(r"\b(?:FROM|JOIN|USING)\s+\"?(?:messages|events|message_index)\b", re.IGNORECASE)
ROOMS = "{rooms}"  # the place of `visible.rooms` in a statement
# Who reads past it, and why that tells no reader anything.
EXCEPTIONS = {
    "data.first_room": "the operator's: how far is it read by whoever is let in?",
    "doctor.clocks._future": "the operator's: is the newest from the future?",
    "doctor.index._messages": "the operator's: are the words those of the texts?",
    "doctor.numbers": "the operator's: do the numbers of the log fit?",
    "doctor.rooms": "the operator's: is what is said of one room of that one?",
    "keep.formats": "saves and restores all there is",
    "keep.restore": "names what is emptied first",
    "keep.restore._refuse_unless_empty": "the operator's: is there a message at all?",
    "messages.messages": "is there a reply to what was read through it? Those are in its room",
    "messages.posts": "whether the same was posted before, in the statement that posts",
    "search.reindex.run": "makes the index",
    "search.search.catch_up": "fills the index",
    "unread.unread": "looks for what is new in rooms that `visible.rooms` names",
}


def annotations(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is said of types inside a node: it reads nothing."""
    for each in ast.walk(node):
        for name in ("annotation", "returns"):
            if said := getattr(each, name, None):
                yield from ast.walk(said)


def allowed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the uses of the two tables inside a node that begin no query of them."""
    yield from annotations(node)
    for each in ast.walk(node):
        match each:
            case ast.Attribute(value=table, attr=name) if model := GUARDED.get(called(table)):
                if name in WRITES | set(model._meta.combined):
                    yield table
            case ast.Call(func=ast.Attribute(value=ast.Name(id="visible"))):
                yield from each.args
            case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
                yield from each.comparators


def called(node: ast.AST) -> str:
    """Return what a name stands for, `tables.Message` as well as `Message`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="tables"), attr=name):
            return name
        case ast.Attribute(attr=name) if name in BACKWARDS:
            return name
    return ""


def reads(node: ast.AST) -> bool:
    """Say whether code queries messages or events on its own."""
    harmless = set(map(id, allowed(node)))
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            if SQL.search(each.value) and ROOMS not in each.value:
                return True
        elif called(each) in {*GUARDED, *BACKWARDS} and id(each) not in harmless:
            return True
    return False


def imports_tables(tree: ast.Module) -> bool:
    """Say whether Message and Event are the tables there, and not Starlette's message."""
    return "service.data" in {
        (node.module or "").removesuffix(".tables")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }


def readers(file: Path) -> set[str]:
    """Return which functions of a file, or the file itself, query messages or events."""
    tree = ast.parse(file.read_text())
    if not imports_tables(tree):
        return set()
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) or not reads(node):
            continue
        inside = isinstance(node, ast.FunctionDef | ast.ClassDef)
        found.add(f"{name_of(file)}.{node.name}" if inside else name_of(file))
    return found


def test_who_queries_messages_and_events_is_named_with_the_reason() -> None:
    found = set().union(*map(readers, modules()))
    past = {each for each in found if not each.startswith((THE_ONE_PLACE, FROZEN))}
    assert past == set(EXCEPTIONS)
    assert {each for each in found if each.startswith(THE_ONE_PLACE)} == {
        THE_ONE_PLACE,  # the numbers of what is newest
        f"{THE_ONE_PLACE}.messages",
        f"{THE_ONE_PLACE}.events",
    }


@pytest.mark.parametrize(
    "slipped_in",
    [
        "Message.select().where(Message.id == 1)",
        "tables.Message.get_by_id(1)",
        "Message.get_or_none(Message.id == 1)",
        "Message[1]",
        "list(Message)",
        "User.select().join(Message)",
        "Newest = Message.alias()",
        "select = Event.select",
        "table = Message",
        "db.database.execute_sql('SELECT text FROM messages')",
        'db.database.execute_sql(f"SELECT text FROM users JOIN messages ON {condition}")',
        "peewee.SQL('SELECT rowid FROM message_index')",
        "me.message_set",
    ],
)
def test_a_query_that_slips_in_is_seen(slipped_in: str) -> None:
    assert reads(ast.parse(slipped_in))


@pytest.mark.parametrize(
    "usual",
    [
        "rows(me).where(Message.room == room, Message.author_id == 1)",
        "visible.messages(me, Message, User.id)",
        "Message.update(words=made).where(Message.id == 1)",
        "def view(row: Message) -> list[Event]: ...",
        "'SELECT id FROM messages WHERE room_id IN {rooms}'",
    ],
)
def test_what_begins_no_query_is_not_meant(usual: str) -> None:
    assert not reads(ast.parse(usual))


def test_a_row_fetches_no_message_by_itself() -> None:
    references = [each for table in Table.__subclasses__() for each in table._meta.refs]
    assert [f"{each.model.__name__}.{each.name}" for each in references if fetches(each)] == []


def fetches(reference: peewee.ForeignKeyField) -> bool:
    return reference.rel_model in GUARDED.values() and reference.lazy_load


def test_code_is_looked_at_where_it_is() -> None:
    assert readers(SERVICE / "access" / "visible.py")
