"""The command line, run as people run it."""

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service import cli
from service.commands import console
from service.data import sqlite
from tests.commands.saying import complaint
from tests.people import ONE_DATABASE


@ONE_DATABASE
def test_a_failure_that_names_no_file_is_one_line_too(database_url: str) -> None:
    @console.plain_errors
    def fail(failure: OSError) -> None:
        raise failure

    for failure, expected in (
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("Nothing left"), "Nothing left"),
        (OSError(28, "No space left on device", "/a"), "No space left on device: /a"),
    ):
        with pytest.raises(click.ClickException) as said:
            fail(failure)
        assert str(said.value) == expected
    with pytest.raises(BrokenPipeError):  # whoever reads has had enough
        fail(BrokenPipeError(32, "Broken pipe"))


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["user"], ["user", "add"], ["serve", "x"]])
def test_a_mistyped_command_says_how_it_is_meant(arguments: list[str]) -> None:
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 2
    assert "Usage: " in done.output


def _options(group: click.Group) -> Iterator[click.Option]:
    """Yield every option of every command below a group."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _options(command)
        yield from (each for each in command.params if isinstance(each, click.Option))


def test_help_tells_what_an_option_is_by_default() -> None:
    known = [each for each in _options(cli.main) if isinstance(each.default, str)]
    chosen = [each for each in known if each.default not in ("", "-")]  # "-": standard output
    assert {"--days", "--scopes"} <= {each.opts[0] for each in chosen}
    untold = [each for each in chosen if not each.show_default and "default" not in str(each.help)]
    assert not [each.opts[0] for each in untold]


def test_a_database_that_is_none_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("This is no database. " * 100)
    (tmp_path / "folder").mkdir()
    for name, expected in (
        ("text", "The database can't be used: file is not a database"),
        ("folder", "The database can't be used: unable to open database file"),
        ("text/board.sqlite3", f"File exists: {tmp_path}/text"),
    ):
        assert complaint(f"sqlite:///{tmp_path}/{name}", "user", "list") == expected


@ONE_DATABASE
def test_a_sqlite_that_is_too_old_is_said(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite.library, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr(sqlite.library, "sqlite_version", "3.40.1")
    done = CliRunner().invoke(cli.main, ["migrate"], env={"DATABASE_URL": database_url})
    assert done.exit_code == os.EX_CONFIG
    assert done.stderr == "Error: Python brings SQLite 3.40.1; the board needs 3.42 or newer.\n"


def test_the_database_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "DATABASE_WAIT", 0.5)
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/board")
    done = CliRunner().invoke(cli.main, ["user", "list"])
    assert done.exit_code == 1
    first, second, *_ = done.stderr.splitlines()
    assert first == "Waiting up to 0.5 s for the database."
    assert second.startswith("Error: The database can't be used: ")
