"""The command line."""

import os

import click

from service import __version__
from service.commands import doctor, keep, server, user


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="board")
def main() -> None:
    """A self-hosted live message board.

    Settings come from the environment; see the README for the list.
    """
    os.umask(0o077)  # the database, its copies and locks are their owner's alone


for command in (
    server.serve,
    server.dev,
    server.migrate,
    user.user,
    keep.backup,
    keep.restore,
    keep.export,
    doctor.doctor,
    doctor.reindex,
):
    main.add_command(command)
