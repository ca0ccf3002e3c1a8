"""options: what is decided of the board while it runs."""

import os

import click

from service.base import config
from service.commands import console
from service.commands.console import plain_errors
from service.data import db


@click.command()
@click.argument("name", required=False)
@click.argument("value", required=False)
@plain_errors
def options(name: str | None, value: str | None) -> None:
    """List the options, or set the option NAME to VALUE; an empty VALUE is its default.

    Running servers follow within seconds.
    """
    from service.access import audit, options

    console.prepare(config.read_database_url(os.environ))
    if name and name not in options.DECLARED:
        raise click.ClickException(
            f"There is no option named {name}. They are {', '.join(options.DECLARED)}."
        )
    if name and value is not None:
        mails = config.read_mails(os.environ)
        with db.write():
            options.set(audit.OPERATOR, name, value, mails=mails)
    with db.read():
        stored = options.read()
    for each in [name] if name else options.DECLARED:
        click.echo(f"{each}\t{options.written(getattr(stored, each))}".rstrip())
