"""The board's commands run in this process, which takes a tenth of the time."""

import subprocess

import pytest
from click.testing import CliRunner

from service import cli
from service.data import db, sqlite
from tests.servers import KEY


def run(
    url: str, *arguments: str, stdin: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of the board's, where nothing of a process of its own is at stake."""
    before = db.database.obj
    given = {"DATABASE_URL": url, "SECRET_KEY": KEY, **environ}
    with pytest.MonkeyPatch.context() as patch:
        if _is_open(url):  # an application may be using it: losing it would end this process
            patch.setattr(db, "open_database", lambda _: None)
        try:
            done = CliRunner().invoke(cli.main, arguments, input=stdin, env=given)
        finally:
            db.database.initialize(before)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def _is_open(url: str) -> bool:
    """Say whether this process works on that database, whose name no other has."""
    on_sqlite = url.startswith("sqlite")
    name = str(sqlite.file_of(url)) if on_sqlite else url.partition("?")[0].rpartition("/")[2]
    return db.database.obj is not None and db.database.obj.database == name
