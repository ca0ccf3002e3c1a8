"""doctor, reindex: what is wrong with a board, and an index made anew."""

import os
import sys

import click

from service.base import config
from service.commands import console
from service.commands.console import plain_errors

NAME_WIDTH = 10


@click.command()
@click.option("--url", help="The board's own public address: it is signed in to.")
@plain_errors
def doctor(url: str | None) -> None:
    """Look at everything the board stands on: a line for each thing that is wrong.

    Changes nothing; on SQLite it needs room for a copy of the database for a moment. With --url it
    signs in for a moment, to see whether a proxy lets posts and streams pass. The exit code is 1 if
    something is wrong.
    """
    from service.doctor.doctor import examine

    findings, left_out = 0, []
    for line in examine(os.environ, url):
        if line.state == "left out":
            left_out.append(line.check)
            continue
        findings += line.state == "!!"
        click.echo(f"{line.state}   {line.check:<{NAME_WIDTH}}{line.text}".rstrip())
    click.echo(_summary(findings, left_out))
    sys.exit(1 if findings else 0)


@click.command()
@plain_errors
def reindex() -> None:
    """Make the index of the search anew; the board may be in use meanwhile.

    On SQLite, posting waits or is refused while that is done: 13 s for a million messages.
    """
    from service.search import reindex as index

    console.prepare(config.read_database_url(os.environ))
    read, mended = index.run()
    click.echo(f"Read {read} messages, mended {mended}; the index is whole.")


def _summary(findings: int, left_out: list[str]) -> str:
    if not findings:
        return "Nothing is wrong."
    said = "1 thing is wrong." if findings == 1 else f"{findings} things are wrong."
    rest = f" Not looked at before that is mended: {', '.join(left_out)}." if left_out else ""
    return said + rest
