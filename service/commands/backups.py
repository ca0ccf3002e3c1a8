"""backups: which ones a folder holds, and one of them for whoever can't reach the folder."""

import datetime as dt
import shutil
import signal
from pathlib import Path

import click

from service.commands.console import plain_errors
from service.keep import standard

NEWEST = "newest"
HOLD = 3600  # seconds
ENDS = {signal.SIGTERM, signal.SIGINT}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--send", "name", metavar="NAME", help="Write this one to standard output.")
@click.option("--hold", is_flag=True, help="Then stay for an hour at most.")
@plain_errors
def backups(folder: Path, name: str | None, *, hold: bool) -> None:
    """List the backups in a FOLDER, newest first: name, size, and when it was written.

    With --send NAME, or --send newest, one of them goes to standard output instead, once it is
    known to be whole.

    With --hold it goes on until it is stopped, so that a pod that has the folder can be used.
    """
    if name and hold:
        raise click.ClickException("--send and --hold exclude each other.")
    if name:
        _send(folder, name)
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS if hold else ())  # to be waited for
    _list(folder)
    if hold:
        click.echo("Waiting for an hour, or until SIGTERM or Ctrl-C.", err=True)
        signal.sigtimedwait(ENDS, HOLD)


def _list(folder: Path) -> None:
    from service.keep import backup

    files = backup.newest_first(folder)
    for file in files:
        about = file.stat()
        written = dt.datetime.fromtimestamp(about.st_mtime, dt.UTC)
        click.echo(f"{file.name}  {about.st_size:>13,} bytes  {written:%Y-%m-%d %H:%M:%S} UTC")
    if not files:
        click.echo(f"There is no backup in {folder}.")


def _send(folder: Path, name: str) -> None:
    from service.keep import backup, saved

    named = [file for file in backup.newest_first(folder) if name in (NEWEST, file.name)]
    if not named:
        what = "backup" if name == NEWEST else f"backup named {name}"
        raise click.ClickException(f"There is no {what} in {folder}.")
    with saved.sealed(named[0]) as file, standard.whole_output() as output:
        file.seek(0)
        shutil.copyfileobj(file, output, standard.BLOCK)
    click.echo(f"Sent {named[0].name}.", err=True)
