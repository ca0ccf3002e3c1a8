"""audit: who did what to people and to the board."""

import datetime as dt
import os

import click

from service.base import clock, config
from service.commands import console
from service.commands.console import plain_errors

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--since", type=DAY, metavar="DAY", help="From this day on (UTC), as 2026-11-28.")
@click.option("--person", default="", metavar="NAME", help="Who did it, or to whom it was done.")
@click.option("--action", default="", help="What was done, as user.role.")
@click.option(
    "--format",
    "name",
    default="text",
    show_default=True,
    metavar="[text|csv|jsonl]",
    help="How to write.",
)
@plain_errors
def audit(since: dt.datetime | None, person: str, action: str, name: str) -> None:
    """Print who did what, newest first; times are in UTC."""
    from service.access.actions import ACTIONS
    from service.audit import audit, shown

    for what, given, known in (("format", name, shown.FORMATS), ("action", action, ACTIONS)):
        if given and given not in known:
            raise click.ClickException(f"The {what} is one of {', '.join(known)}, not {given}.")
    console.prepare(config.read_database_url(os.environ))
    since = since and since.replace(tzinfo=clock.UTC)
    wanted = audit.Wanted(person=person, action=action, since=since)
    for piece in shown.FORMATS[name](audit.every(wanted), "UTC"):
        click.echo(piece, nl=False)
