"""The command line."""

import os
from typing import Any, override

import click

from service.base import config, logs
from service.commands import (
    audit,
    backups,
    bot,
    doctor,
    install,
    invite,
    keep,
    options,
    server,
    token,
    user,
)


def _tell_versions(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from service import about  # noqa: PLC0415, no other command needs it

        click.echo(about.versions())
        context.exit()


class _Board(click.Group):
    """All commands, each with standard error as LOG_FORMAT says."""

    @override
    def main(self, *args: Any, **options: Any) -> Any:
        logs.let_all_be_lines(config.read_log_format(os.environ))
        return super().main(*args, **options)


@click.group(cls=_Board, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_versions,
    help="Show the release, its commit and the versions inside, and exit.",
)
def main() -> None:
    """A self-hosted live message board.

    Settings come from the environment; see the README for the list.
    """
    os.umask(0o077)  # the database, its copies and locks are their owner's alone


for command in (
    install.init,
    install.service_unit,
    server.serve,
    server.show_setup_code,
    server.health,
    server.dev,
    server.migrate,
    user.user,
    invite.invite,
    bot.bot,
    token.token,
    keep.backup,
    backups.backups,
    keep.restore,
    keep.export,
    audit.audit,
    options.options,
    doctor.doctor,
    doctor.reindex,
):
    main.add_command(command)
