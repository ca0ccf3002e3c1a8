"""Passkeys: whether they can work at the board's address, and those that people have."""

from collections.abc import Generator

from service.base.config import Settings
from service.data import db
from service.data.tables import Passkey


def check(settings: Settings) -> Generator[str, None, str]:
    """Find passkeys that can't be used, as after the board has moved to another host."""
    home = settings.passkey_home
    with db.read():
        lost = Passkey.select().where(Passkey.rp_id != home.host).count()
    if lost:
        yield (
            f"There are passkeys for another address than the board's ({lost}), of no use here: "
            f"{home.mend or f'let PUBLIC_URL name the host they are for, not {home.host}'}, "
            "or let their users remove them and add new ones."
        )
    return f"they work at {home.origin}" if home.origin else f"none can be used: {home.mend}"
