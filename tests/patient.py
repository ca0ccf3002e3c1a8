"""A board for the doctor to look at."""

from collections.abc import Callable

from click.testing import CliRunner

from service import cli
from service.access.visible import Member
from service.data import db, sqlite
from service.data.tables import Session
from service.doctor import doctor
from service.messages import writing
from tests.servers import KEY, free_port

Examine = Callable[..., list[tuple[str, str]]]
Ask = Callable[..., list[str]]


def environ_of(database_url: str) -> dict[str, str]:
    """Return an environment without faults, for a board that is its owner's alone."""
    if database_url.startswith("sqlite"):
        file = sqlite.file_of(database_url)
        for part in file.parent.glob(f"{file.name}*"):  # with what SQLite keeps beside it
            part.chmod(0o600)  # as the board's own commands make it
    return {"DATABASE_URL": database_url, "SECRET_KEY": KEY, "PORT": str(free_port())}


def findings(environ: dict[str, str]) -> list[tuple[str, str]]:
    """Return what the doctor finds, each with the name of its check."""
    lines = list(doctor.examine(environ))
    assert not any("\n" in line.text or KEY in line.text for line in lines)
    return [(line.check, line.text) for line in lines if line.state == "!!"]


def run(environ: dict[str, str], *arguments: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(cli.main, list(arguments), env={"SECRET_KEY": ""} | environ)
    return done.exit_code, done.output.splitlines()


def sessions_made() -> int:
    with db.read():
        return Session.select().count()


def sql(statement: str) -> None:
    with db.write():
        db.database.execute_sql(statement)


def write_history(author_id: int) -> None:
    """Post three messages, edit one and delete one: five events."""
    ids = [writing.post(author_id, text).id for text in ("One", "Two", "Three")]
    writing.edit(Member(author_id), ids[0], "Four")
    writing.delete(Member(author_id), ids[1])
