"""The page about the board itself, and a backup of it that is downloaded."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.access import audit
from service.access.audit import OPERATOR
from service.administration import download, state
from service.administration.download import Downloads
from service.base import clock
from service.base.config import Settings
from service.base.errors import Conflict
from service.data import db
from service.data.tables import AuditEntry
from service.keep import backup, last, saved
from service.keep.last import Backup
from service.mail.outbox import Outbox, Trouble
from tests.inside import run
from tests.people import HTMX, ONE_DATABASE, PAGE, PROBLEM, PROGRAM, Person, post

PATH = "/admin/board"
BACKUP = "/api/admin/backup"


def noted() -> list[str]:
    with db.read():
        return [row.action for row in AuditEntry.select().order_by(AuditEntry.id)]


def last_backup() -> Backup | None:
    with db.read():
        return last.backup()


def test_an_admin_sees_how_the_board_is(admin: Person, database_url: str) -> None:
    told = admin.get(PATH, headers=PROGRAM).json()
    assert told["database"].lower() in database_url
    assert told["size"] > 10_000
    assert (told["open_pages"], told["backup"]) == (0, None)
    by_check = {line["check"]: line["state"] for line in told["lines"]}
    assert by_check["schema"] == by_check["names"] == by_check["clock"] == "ok"
    page = admin.get(PATH, headers=PAGE).text
    assert "The board knows of no backup." in page
    assert noted() == []  # nobody signed in for that


def test_what_is_wrong_is_told_with_what_to_do(admin: Person, later: Callable[..., None]) -> None:
    post(admin, "From the future")
    later(hours=-1)
    told = admin.get(PATH, headers=PAGE).text
    assert "wrong." in told
    assert "ahead of this clock" in told


def test_a_backup_is_downloaded_whole(admin: Person, alice: Person, tmp_path: Path) -> None:
    post(alice, "Keep this")
    answer = admin.post(BACKUP, headers=PAGE)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="board-')
    file = tmp_path / "board.zip"
    file.write_bytes(answer.content)
    with saved.opened(file) as whole:
        assert whole.manifest.contents["messages.jsonl"].rows == 1
        assert not any("links" in name or "sessions" in name for name in whole.manifest.contents)
    assert noted() == ["backup.downloaded"]
    assert admin.get(PATH, headers=PROGRAM).json()["backup"]["by"] == "ada"
    assert "by ada" in admin.get(PATH, headers=PAGE).text


def test_it_is_asked_for_again_who_one_is(admin: Person, later: Callable[..., None]) -> None:
    later(minutes=11)
    refused = admin.post(BACKUP, headers=PROGRAM)
    assert (refused.status_code, refused.headers["content-type"]) == (403, PROBLEM)
    assert admin.post(BACKUP, headers=HTMX).headers["content-type"] != "application/zip"
    assert noted() == []


@ONE_DATABASE
def test_one_is_made_at_a_time_and_what_breaks_off_counts_for_nothing(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "BLOCK", 1)
    downloads = Downloads()
    sent = downloads.begin(OPERATOR)
    assert next(sent)
    with pytest.raises(Conflict):
        downloads.begin(OPERATOR)
    sent.close()  # the browser has left
    while "backup.broken" not in noted():
        pass
    assert last_backup() is None
    assert b"".join(downloads.begin(OPERATOR)).startswith(b"PK")
    assert last_backup()


@ONE_DATABASE
def test_one_that_can_not_be_made_whole_is_not_taken_for_one(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> Iterator[bytes]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "write_to", fail)
    sent = Downloads().begin(OPERATOR)
    with pytest.raises(OSError, match="No space"):
        b"".join(sent)
    assert noted() == ["backup.downloaded", "backup.broken"]


@ONE_DATABASE
def test_a_backup_by_the_command_is_known_too(
    database: None, database_url: str, tmp_path: Path, settings: Settings
) -> None:
    run(database_url, "backup", str(tmp_path / "board.zip"))
    found = state.look(settings, 0).backup
    assert found
    assert found.by == audit.OPERATOR.who.name


@ONE_DATABASE
def test_mail_that_is_not_sent_is_told(admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "None is sent" in admin.get(PATH, headers=PAGE).text
    monkeypatch.setattr(Outbox, "open", True)
    assert "<dd>Sent</dd>" in admin.get(PATH, headers=PAGE).text
    trouble = property(lambda _: Trouble("it said 421 busy", clock.now()))
    monkeypatch.setattr(Outbox, "trouble", trouble, raising=False)
    assert "it said 421 busy" in admin.get(PATH, headers=PAGE).text
