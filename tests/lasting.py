"""Servers that serve test after test, where to start one for each would take too long."""

import secrets
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from service.access import standing
from service.data import db
from service.data.tables import EventCounter, User
from service.data.tables.rooms import FIRST, Room
from service.keep import restore
from tests.databases import fresh_copy
from tests.servers import Server


@contextmanager
def lasting_servers(
    migrated: dict[str, str], postgres: str, folder: Path, **environ: str
) -> Generator[Callable[[str], Server]]:
    """Yield a function that returns the one server on a kind of database, not started yet."""
    made: dict[str, Server] = {}
    with ExitStack() as stack:

        def server_on(kind: str) -> Server:
            if kind not in made:
                url = stack.enter_context(fresh_copy(migrated[kind], postgres, folder))
                made[kind] = Server(url, folder / f"{kind}.log", environ)
                stack.callback(made[kind].close)
            return made[kind]

        yield server_on


def empty_board() -> None:
    """Let the open board have nothing but its first room; its server learns of it by the epoch."""
    with db.read():
        other = (User.role != "member") | (User.theme != "system") | (User.hours != "")
        others = User.select().where(other | User.newest_first).exists()
    if others:  # the server trusts what it knows of somebody for so long, and ids begin anew
        time.sleep(standing.TRUSTED_FOR)
    with db.write():
        for table in restore.EMPTIED:
            table.delete().execute()
        Room.insert(FIRST).execute()
        EventCounter.update(epoch=secrets.token_hex(4)).execute()
