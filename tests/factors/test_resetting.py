"""What becomes of a second factor: with a new password, reset, deleted, exported, restored."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from service.access.audit import OPERATOR
from service.accounts import accounts
from service.data import db
from service.data.tables import AuditEntry, Passkey, RecoveryCode, SecondFactor
from service.keep import backup
from service.people import people
from service.resets import resets
from tests.factors.apps import App, give_passkey, second, set_up
from tests.inside import run
from tests.keep.restoring import put_in_place
from tests.people import ON_SQLITE, PAGE, PROGRAM, Person, is_signed_in, log_in

NEW = "an entirely new password"


def user_id(name: str) -> int:
    account = accounts.find(name)
    assert account
    return account.id


def left() -> int:
    with db.read():
        return sum(table.select().count() for table in (SecondFactor, RecoveryCode, Passkey))


@pytest.mark.usefixtures("alice")
def test_a_reset_link_skips_no_second_step(visitor: Person, app: App) -> None:
    code = resets.make(OPERATOR, user_id("alice")).code
    done = visitor.post("/api/reset", json={"code": code, "new_password": NEW})
    assert done.status_code == 200
    asked = log_in(visitor, "alice", NEW)
    assert asked.json()["type"] == "urn:board:second-step"
    assert not is_signed_in(visitor)
    assert second(visitor, app.code(1)).status_code == 200


@pytest.mark.usefixtures("app")
def test_an_admin_resets_it(alice: Person, admin: Person, visitor: Person) -> None:
    give_passkey("alice")
    page = f"/admin/people/{user_id('alice')}"
    assert "Second factor" in admin.get("/admin/people", headers=PAGE).text
    assert admin.get(page, headers=PROGRAM).json()["second_factor"] is True
    assert "Reset the second factor" in admin.get(page, headers=PAGE).text
    done = admin.post(f"/api{page}/second/reset", headers=PAGE)
    assert done.headers["location"] == f"{page}?done=second"
    assert (left(), is_signed_in(alice)) == (0, False)
    assert log_in(visitor, "alice").status_code == 200
    assert admin.get(page, headers=PROGRAM).json()["second_factor"] is False
    with db.read():
        assert AuditEntry.select().where(AuditEntry.action == "second.reset").count() == 1


@ON_SQLITE
@pytest.mark.usefixtures("app")
def test_a_moderator_neither_sees_nor_resets_it(moderator: Person) -> None:
    page = f"/admin/people/{user_id('alice')}"
    assert moderator.get(page, headers=PROGRAM).json()["second_factor"] is None
    assert "econd factor" not in moderator.get(page, headers=PAGE).text
    assert moderator.post(f"/api{page}/second/reset", headers=PROGRAM).status_code == 403


@ON_SQLITE
def test_nobody_is_signed_out_for_a_second_factor_that_they_do_not_have(
    alice: Person, admin: Person
) -> None:
    page = f"/api/admin/people/{user_id('alice')}"
    refused = admin.post(f"{page}/second/reset", headers=PROGRAM)
    assert (refused.status_code, is_signed_in(alice)) == (409, True)
    assert refused.json()["detail"] == "alice has no second factor."


def test_one_command_brings_a_lost_only_admin_back_while_the_board_serves(
    admin: Person, visitor: Person, database_url: str
) -> None:
    set_up(admin)
    done = run(database_url, "user", "reset-second", "ADA")
    assert (done.returncode, "is reset" in done.stdout) == (0, True)
    assert log_in(visitor, "ada").status_code == 200


@pytest.mark.usefixtures("app")
def test_it_is_told_in_an_export_and_goes_with_the_account(alice: Person) -> None:
    answer = alice.post("/api/account/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as export:
        (told,) = json.loads(export.read("second_factors.json"))
        assert "totp" not in str([export.read(name) for name in export.namelist()])
    assert (told["kind"], told["recovery_codes_left"]) == ("app", 10)
    assert told["set_up_at"]
    give_passkey("alice")
    people.delete(OPERATOR, user_id("alice"))
    assert left() == 0


def test_it_works_after_a_restore(
    visitor: Person, app: App, codes: list[str], tmp_path: Path
) -> None:
    backup.write(tmp_path / "board.zip")
    put_in_place(tmp_path / "board.zip", replace=True)
    assert log_in(visitor, "alice").status_code == 401
    assert second(visitor, app.code(1)).status_code == 200
    log_in(visitor, "alice")
    assert second(visitor, codes[0]).status_code == 200
