"""backup, restore, export: what becomes of a board outside its database."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from service.base import clock, config
from service.commands import console
from service.commands.console import plain_errors
from service.data import db, migrations, sqlite
from service.keep import standard
from service.keep.archive import Manifest, Saved

OR_STANDARD = click.Path()  # no Path yet, for which ./- would be - as well


@click.command()
@click.argument("file", type=OR_STANDARD)
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Keep the newest N only.")
@plain_errors
def backup(file: str, keep: int | None) -> None:
    """Save the whole board in a new FILE while people go on using it.

    If FILE is a folder, the backup is named by the moment, and --keep N deletes all but the newest
    N of those backups in it once the new one is whole. If FILE is -, it goes to standard output.

    The file suits SQLite and PostgreSQL alike. It holds all messages and the hashes of all
    passwords, so keep it where only you can read it. It is a zip: whoever likes can look inside.
    """
    from service.keep import backup

    folder = Path(file) if file != standard.NAME and Path(file).is_dir() else None
    if keep and folder is None:
        raise click.ClickException(f"--keep is for a folder of backups; {file} is none.")
    if file == standard.NAME:
        click.echo(f"Saved {_sent().summary}.", err=True)
        return
    target = backup.dated(folder) if folder else Path(file)
    with _board_there_is():
        manifest = backup.write(target)
        _note_made(manifest)
    console.say(f"Saved {manifest.summary} in {target}.")
    if folder and keep:
        for old in backup.prune(folder, keep):
            console.say(f"Deleted {old}.")


def _sent() -> Manifest:
    from service.keep import backup

    with standard.whole_output() as file, _board_there_is():
        manifest = backup.write_to(file)
        _note_made(manifest)
    return manifest


def _note_made(manifest: Manifest) -> None:
    """Let admins see when the last backup was made, on a board that has an audit log."""
    from service.access import audit
    from service.data.tables import AuditEntry

    with db.read():
        there = AuditEntry.table_exists()
    if there:
        with suppress(*db.UNAVAILABLE), db.write():  # one that takes no writes is saved, too
            audit.note(audit.OPERATOR, "backup.made", holds=manifest.summary)


@click.command()
@click.argument("file", type=OR_STANDARD)
@click.option("--check", is_flag=True, help="Only verify the file; no database is needed.")
@click.option("--replace", is_flag=True, help="Delete what the board holds now.")
@plain_errors
def restore(file: str, *, check: bool, replace: bool) -> None:
    """Put what a backup holds in the board's place.

    First all of FILE is verified, or of standard input if FILE is -. Then all of it is restored,
    or nothing if that fails half-way. A server may run meanwhile: open pages show the restored
    board by themselves, and everybody signs in anew. Don't restore in the midst of a rolling
    update: servers older than 0.2.0 would go on trusting sessions of before for up to 30 minutes.
    """
    from service.access import audit
    from service.keep import restore

    with _opened(file) as whole:
        if check:
            click.echo(
                f"{whole.name} is sound: {whole.manifest.summary}, saved {whole.manifest.made}."
            )
            return
        url = config.read_database_url(os.environ)
        console.prepare(url)
        with _open(url):
            restore.put_in_place(whole, replace=replace)
            with console.told(), db.write():
                audit.note(audit.OPERATOR, "backup.restored", saved=whole.manifest.made)
    click.echo(f"Restored {whole.manifest.summary}.")


@contextmanager
def _opened(file: str) -> Generator[Saved]:
    from service.keep import saved

    if file == standard.NAME:
        with standard.whole_input() as kept:
            yield saved.verified("Standard input", kept)
    else:
        with saved.opened(Path(file)) as whole:
            yield whole


@click.command()
@click.option("--format", "name", required=True, metavar="[jsonl|csv|html]", help="How to write.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone, as Europe/Berlin.")
@click.option(
    "--output", type=OR_STANDARD, default="-", help="A new file, instead of standard output."
)
@plain_errors
def export(name: str, zone: str, output: str) -> None:
    """Write all messages for people to read, oldest first.

    In CSV, a cell that begins with = + - @ or a control character gets a ' before it: spreadsheets
    would take it for a formula and run it.
    """
    from service.base import files
    from service.keep import export

    if name not in export.FORMATS:
        raise click.ClickException(f"The format is one of {', '.join(export.FORMATS)}, not {name}.")
    if zone not in clock.zone_names():
        raise click.ClickException(f"There is no time zone named {zone}; try Europe/Berlin.")
    with _board_there_is():
        board_name = console.board_name()
        pieces = export.FORMATS[name](zone, board_name)
        on_stdout = output == standard.NAME
        with standard.output() if on_stdout else files.new_file(Path(output)) as file:
            for piece in pieces:
                file.write(piece.encode())


@contextmanager
def _open(url: str) -> Generator[None]:
    db.open_database(url)
    try:
        yield
    finally:
        db.close_database()


@contextmanager
def _board_there_is() -> Generator[None]:
    """Open the database as it is: to read from it, it need not be migrated, let alone made."""
    url = config.read_database_url(os.environ)
    if url.startswith("sqlite") and not sqlite.file_of(url).exists():
        raise click.ClickException(f"There is no board in {sqlite.file_of(url)}.")
    with _open(url):
        migrations.check(db.database.obj)
        with db.read():
            if not db.database.table_exists("event_counter"):
                raise click.ClickException("There is no board in this database.")
        yield
