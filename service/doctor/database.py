"""The database: whether it is there and whole, and has the schema this program wants."""

import re
import select
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from service.base.config import Settings
from service.base.program import PROGRAM
from service.base.setting import ConfigError
from service.data import db, migrations, postgresql, sqlite

PATIENCE = "10min"  # that a check may take on PostgreSQL; a request has 10 s
HINT_PATIENCE = 2.0  # seconds; one arrives within milliseconds
OLDEST_POSTGRES = 14
OTHERS = 0o007  # the bits of a file's mode that let everybody do something
OTHERS_WRITE = 0o002
# SQLite's WAL is shared memory, and its locks are the file system's: there neither can be trusted.
NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "fuse.sshfs", "fuse.glusterfs", "lustre")
MOUNTS = Path("/proc/mounts")

CONNECTIONS = """
SELECT least(
    current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
    (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
    (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
)
"""


def reachable(settings: Settings) -> Generator[str, None, str]:
    """Open the database, without making one; find one that is not there or too old."""
    file = sqlite.file_of(settings.database_url)
    if settings.on_sqlite and not (file.is_file() and file.stat().st_size):
        yield f"There is no board in {file}: run `{PROGRAM} migrate`, or mend DATABASE_URL."
        return ""
    try:
        # One connection, so that what is set here holds for every check.
        db.open_database(settings.database_url, pool=1)
    except ConfigError as failure:
        yield from failure.faults
        return ""
    if settings.on_sqlite:
        return f"SQLite {_value('SELECT sqlite_version()')}, {file}"
    return (yield from _postgres())


def _postgres() -> Generator[str, None, str]:
    with db.read():
        db.database.execute_sql(f"SET statement_timeout = '{PATIENCE}'")
    version = str(_value("SHOW server_version")).split()[0]
    if int(version.partition(".")[0]) < OLDEST_POSTGRES:
        yield f"PostgreSQL {version} is too old: install {OLDEST_POSTGRES} or newer."
    return f"PostgreSQL {version}"


def storage(settings: Settings) -> Generator[str, None, str]:
    """Find what endangers the data where it lies."""
    said = yield from place(settings)
    if settings.on_sqlite:
        yield from _damaged()
        said = "the file is whole and its owner's alone"
    return said


def place(settings: Settings) -> Generator[str, None, str]:
    """Find what endangers the data by where it lies, without a look at all of it."""
    if not settings.on_sqlite:
        yield from _server()
        return "the server takes writes"
    file = sqlite.file_of(settings.database_url)
    yield from _open_to_others(file)
    yield from _on_network(file)
    return "the file is its owner's alone"


def connections(settings: Settings) -> Generator[str, None, str]:
    """Find a PostgreSQL that gives fewer connections than the workers may open."""
    # Each worker has one more, which hears of changes.
    wanted = settings.workers * (settings.database_pool + 1)
    given = _value(CONNECTIONS)
    if wanted > given:
        yield (
            f"The board may open {wanted} connections and PostgreSQL gives it {given}: "
            "lower DATABASE_POOL or WORKERS, or raise max_connections."
        )
    yield from _pooled()
    return f"{wanted} of {given} that PostgreSQL gives"


def _pooled() -> Iterator[str]:
    """Find a pooler between, such as PgBouncer, that keeps back what the board relies on."""
    if _value("SHOW lock_timeout") != postgresql.LOCK_TIMEOUT:
        wanted = postgresql.OPTIONS.replace("-c ", "")
        yield (
            "What the board sets for its connections does not arrive, so nothing bounds its "
            "queries: take the pooler out, or set these by ALTER ROLE … SET name = 'value': "
            f"{wanted}."
        )
    if not _hears():
        yield (
            "Hints of changes do not arrive: other servers show a change up to a second late, and "
            "migrations may wait for ever. Set pool_mode = session in PgBouncer."
        )


def _hears() -> bool:
    """Say whether a connection that listens is told of what another one notifies."""
    listening = db.listen()
    if listening is None:
        return True
    with closing(listening):
        db.notify()
        ready, _, _ = select.select([listening], [], [], HINT_PATIENCE)
        if ready:
            listening.poll()
        return bool(listening.notifies)


def schema() -> Generator[str, None, str]:
    """Find a schema older or newer than this program."""
    try:
        if not migrations.check(db.database.obj):
            yield f"The schema is older than this release: run `{PROGRAM} migrate`."
    except migrations.SchemaTooNew as failure:
        yield str(failure)
    return "up to date"


def _value(statement: str) -> Any:
    with db.read():
        return db.database.execute_sql(statement).fetchone()[0]


def _server() -> Iterator[str]:
    if _value("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"):
        yield "This PostgreSQL takes no writes: name the primary server in DATABASE_URL."
    with db.read():
        encoding = db.encoding()
    if encoding != "UTF8":
        yield f"The database is encoded in {encoding}: move the board to one made with UTF8."
    with db.read():
        known = db.database.connection().info
    asked = db.database.obj.connect_params
    if not (is_local(known.host or "") or known.ssl_in_use or "sslmode" in asked):
        yield (
            f"The connection to PostgreSQL on {known.host} is not encrypted: add "
            "?sslmode=verify-full to DATABASE_URL, or ?sslmode=disable where the network is yours."
        )
    if lets_anybody_in(known.host or "", known.dsn_parameters, password=known.used_password):
        yield (
            f"PostgreSQL on {known.host} asks for no password: demand scram-sha-256 in its "
            "pg_hba.conf, and set a password there and in DATABASE_URL."
        )


def lets_anybody_in(host: str, parameters: Mapping[str, str], *, password: bool) -> bool:
    """Say whether a server that others can reach takes everybody for the board."""
    # A socket's owner is known, and what listens here alone may be a tunnel that proves who we are.
    return not (is_local(host) or password or "sslcert" in parameters)


def is_local(host: str) -> bool:
    """Say whether what is sent to a host stays on this machine."""
    return host.startswith(("/", "127.", "::1")) or host in {"", "localhost"}


def _open_to_others(file: Path) -> Iterator[str]:
    for each in sorted(file.parent.glob(f"{file.name}*")):
        # A server that stops takes two of them away.
        if each.suffix != ".lock" and each.exists() and each.stat().st_mode & OTHERS:
            yield f"Everybody on this machine can open {each}: run `chmod o= {each}`."
    folder = file.parent
    if folder.stat().st_mode & OTHERS_WRITE:
        yield f"Everybody on this machine can write to {folder}: run `chmod o-w {folder}`."


def _on_network(file: Path) -> Iterator[str]:
    mounts = MOUNTS.read_text(errors="replace") if MOUNTS.exists() else ""
    kind = file_system(file, mounts)
    if kind.startswith(NETWORK):
        yield (
            f"{file} lies on a network file system ({kind}), where SQLite loses data: "
            "move it to a local disk, or use PostgreSQL."
        )


def file_system(file: Path, mounts: str) -> str:
    """Return the kind of file system that a file lies on, by a text such as /proc/mounts."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, point, this_kind, *_ = line.split()
        point = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), point)
        if len(point) >= len(best) and file.resolve().is_relative_to(point):
            best, kind = point, this_kind
    return kind


def _damaged() -> Iterator[str]:
    with db.read():
        rows = db.database.execute_sql("PRAGMA quick_check").fetchall()
    # What is wrong with the search's index is found by its own check, and mended without a backup.
    found = [text for (text,) in rows if text != "ok" and "message_index" not in text]
    if found:
        yield (
            f"The database is damaged ({found[0]}): "
            "stop the board, keep a copy of the file, restore the newest backup."
        )
