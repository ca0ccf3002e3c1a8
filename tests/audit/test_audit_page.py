"""The audit log: who may read it, what it is filtered by, and the same as a table."""

import ast
import csv
import io
import json
from collections.abc import Callable

import pytest

from service.access import audit
from service.access.actions import ACTIONS
from service.access.audit import Actor, Someone
from service.accounts import accounts
from service.base import clock
from service.data import db
from service.data.tables import AuditEntry
from tests.house import modules
from tests.inside import run
from tests.people import (
    HTMX,
    ONE_DATABASE,
    PAGE,
    PASSWORD,
    PROBLEM,
    PROGRAM,
    Person,
    add_person,
    log_in,
)

LOG = "/admin/audit"


def someone(name: str) -> Someone:
    account = accounts.find(name)
    return Someone(account.id if account else None, name)


def note(action: str, by: str = "ada", on: str = "", **detail: object) -> None:
    with db.write():
        audit.note(Actor(someone(by), "192.0.2.7"), action, someone(on) if on else None, **detail)


def actions(reader: Person, **asked: str) -> list[str]:
    """Return what a program is told was done, newest first."""
    answer = reader.get(LOG, params=asked, headers=PROGRAM)
    assert answer.status_code == 200, answer.text
    return [each["action"] for each in answer.json()["entries"]]


def test_an_admin_reads_who_did_what_to_whom(admin: Person, alice: Person) -> None:
    note("user.role", on="alice", old="member", new="guest")
    (entry,) = admin.get(LOG, headers=PROGRAM).json()["entries"]
    assert (entry["actor"], entry["target"], entry["address"]) == ("ada", "alice", "192.0.2.7")
    assert entry["detail"] == {"old": "member", "new": "guest"}
    for headers in (PAGE, HTMX):
        page = admin.get(LOG, headers=headers).text
        assert "Role changed" in page
        assert "old: member, new: guest" in page
        assert ("<html" in page) == (headers == PAGE)


@pytest.mark.parametrize("path", [LOG, f"{LOG}.csv"])
def test_nobody_else_does(
    alice: Person, moderator: Person, guest: Person, visitor: Person, path: str
) -> None:
    for person in (alice, moderator, guest):
        assert person.get(path, headers=PROGRAM).status_code == 403
    assert visitor.get(path, headers=PROGRAM).status_code == 401


def test_it_is_filtered_by_person_action_and_days(admin: Person, alice: Person) -> None:
    note("user.role", on="alice")
    note("session.ended", by="alice")
    note("option.changed", by="operator")
    today = clock.day(clock.now(), "UTC")
    assert actions(admin) == ["option.changed", "session.ended", "user.role"]
    assert actions(admin, person="ALICE ") == ["session.ended", "user.role"]
    assert actions(admin, person="alice", action="user.role") == ["user.role"]
    assert actions(admin, person="operator") == ["option.changed"]
    assert actions(admin, person="nobody") == []
    assert len(actions(admin, since=today, until=today)) == 3
    assert actions(admin, until="2026-01-01") == actions(admin, since="2999-01-01") == []


@ONE_DATABASE
@pytest.mark.parametrize(
    "asked", [{"since": "yesterday"}, {"until": "0001-01-01"}, {"before": "x"}]
)
def test_what_can_not_be_read_is_said_beside_what_was_asked(
    admin: Person, asked: dict[str, str]
) -> None:
    page = admin.get(LOG, params={"person": "alice", **asked}, headers=PAGE)
    assert page.status_code == 422
    assert 'value="alice"' in page.text
    assert 'class="error"' in page.text
    problem = admin.get(LOG, params=asked, headers=PROGRAM)
    assert problem.headers["content-type"] == PROBLEM
    assert problem.json()["errors"].keys() == asked.keys()


@ONE_DATABASE
def test_it_is_read_page_by_page_and_as_one_table(
    admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.audit.audit.AT_ONCE", 50)
    for number in range(120):
        note("option.changed", old=f"={number}", new="+1")
    seen: list[int] = []
    before: dict[str, str] = {}
    while True:
        answer = admin.get(LOG, params=before, headers=PROGRAM).json()
        seen += [entry["id"] for entry in answer["entries"]]
        if not answer["before"]:
            break
        before = {"before": str(answer["before"])}
    assert len(seen) == 120
    assert seen == sorted(seen, reverse=True)
    table = admin.get(f"{LOG}.csv", params={"action": "option.changed"})
    assert table.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    names, *rows = csv.reader(io.StringIO(table.content.decode("utf-8-sig")))
    assert names[0] == "id"
    assert [int(row[0]) for row in rows] == seen


@ONE_DATABASE
def test_no_cell_of_the_table_is_a_formula(admin: Person) -> None:
    note("user.renamed", on="=cmd()")
    table = admin.get(f"{LOG}.csv").content.decode("utf-8-sig")
    assert "'=cmd()" in list(csv.reader(io.StringIO(table)))[1]


def test_entries_go_after_400_days(database: None, later: Callable[..., None]) -> None:
    for _ in range(3):
        note("signed.in")
    later(days=401)
    note("signed.in")
    with db.read():
        assert AuditEntry.select().count() == 1


@ONE_DATABASE
def test_the_command_prints_it(database: None, database_url: str) -> None:
    add_person("alice")
    note("signed.in", by="alice")
    note("user.role", by="operator", on="alice", new="=cmd()\x1b")
    first, second = run(database_url, "audit").stdout.splitlines()
    assert first.split("\t")[1:5] == ["operator", "user.role", "alice", "192.0.2.7"]
    assert "\x1b" not in first
    assert second.split("\t")[1:3] == ["alice", "signed.in"]
    asked = ("--person", "alice", "--action", "signed.in", "--since", "2026-01-01")
    (line,) = run(database_url, "audit", *asked, "--format", "jsonl").stdout.splitlines()
    assert json.loads(line)["actor"] == "alice"
    assert run(database_url, "audit", "--format", "csv").stdout.count("\n") == 3
    for wrong in (("--format", "xml"), ("--action", "rolled.over")):
        refused = run(database_url, "audit", *wrong)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"not {wrong[1]}." in refused.stderr


def test_who_signs_in_is_noted_and_who_is_refused_is_not(
    admin: Person, account: None, visitor: Person
) -> None:
    for password in ("not the right one", PASSWORD):
        log_in(visitor, "alice", password)
    (entry,) = admin.get(LOG, headers=PROGRAM).json()["entries"]
    assert (entry["action"], entry["actor"], entry["address"]) == (
        "signed.in",
        "alice",
        "192.0.2.1",
    )


def test_every_action_that_is_noted_has_words() -> None:
    noted = {
        call.args[1].value
        for file in modules()
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "audit.note"
        and isinstance(call.args[1], ast.Constant)
    }
    assert noted <= ACTIONS.keys(), "add it to access/actions.py and to README's table"


@ONE_DATABASE
def test_a_detail_that_the_log_could_not_tell_is_refused(database: None) -> None:
    with db.write(), pytest.raises(ValueError, match="has its own name"):
        audit.note(audit.OPERATOR, "user.renamed", name="Alice")
