"""People's passkeys: added, renamed, removed, and what proves that one was used."""

import base64
import datetime as dt
import hmac
import secrets
from dataclasses import dataclass

from service.access import audit, duty, second, standing, tokens
from service.access.audit import Actor, Someone
from service.access.identity import Identity
from service.accounts.accounts import Account
from service.base import characters, clock
from service.base.errors import Conflict, Invalid, NotFound
from service.base.passkeys import Home
from service.data import db
from service.data.tables import Passkey, ProvidedIdentity, User
from service.passkeys import challenges
from service.passkeys.answers import Answered, Made, NotTaken
from service.passkeys.challenges import Challenge

MOST = 20  # of a user
MAX_NAME = 50  # characters
HANDLE = 32  # random bytes, by which authenticators know a user
ONLY_WAY = "It is your only way in. Add another passkey before you remove this one."
ONLY_ONE = "This board wants a second factor of you. Add another one before you remove this."


@dataclass(frozen=True)
class Listed:
    """A passkey as its user sees it listed."""

    id: int
    name: str
    host: str
    backed_up: bool
    created_at: dt.datetime
    used_at: dt.datetime | None


class Copied(NotTaken):
    title = "That passkey may have been copied"
    message = (
        "This passkey has been used from somewhere else, so it may have been copied. Sign in "
        "another way, and remove it on your account page."
    )


def of(user_id: int) -> list[Listed]:
    """Return a user's passkeys, the oldest first."""
    with db.read():
        rows = Passkey.select().where(Passkey.user == user_id).order_by(Passkey.id)
        return [
            Listed(
                *(row.id, row.name, row.rp_id, row.backed_up),
                *(row.created_at, row.used_at),
            )
            for row in rows
        ]


def credentials(user_id: int, home: Home) -> list[str]:
    """Return the credentials of a user's passkeys for the host that the board has now."""
    with db.read():
        rows = Passkey.select(Passkey.credential).where(
            Passkey.user == user_id, Passkey.rp_id == home.host
        )
        return [row.credential for row in rows]


def handle(user_id: int) -> bytes:
    """Return what authenticators know a user by, the same for all passkeys; a new one at first."""
    with db.read():
        row = Passkey.select().where(Passkey.user == user_id).order_by(Passkey.id).first()
    return base64.b64decode(row.user_handle) if row else secrets.token_bytes(HANDLE)


def clean_name(text: str) -> str:
    """Return the name a user gives to a passkey; raise Invalid."""
    name = " ".join(characters.clean(text).split())
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid(name=f"Give it a name of at most {MAX_NAME} characters.")
    return name


def add(me: Identity, by: Actor, home: Home, challenge: Challenge, made: Made, name: str) -> None:
    """Let a passkey sign a user in; raise Conflict for one too many, or one that is known."""
    now = clock.now()
    with db.write():
        _lock(me.user_id)
        standing.require(me, "account")
        challenges.use(challenge)
        if Passkey.select().where(Passkey.user == me.user_id).count() >= MOST:
            raise Conflict(f"You have {MOST} passkeys, and more are not kept. Remove one first.")
        row = Passkey.insert(
            user=me.user_id,
            id_hash=made.id_hash,
            credential=made.credential,
            user_handle=base64.b64encode(challenge.handle).decode(),
            name=name,
            rp_id=home.host,
            sign_count=made.sign_count,
            backed_up=made.backed_up,
            created_at=now,
        )
        if not list(row.on_conflict_ignore().returning(Passkey).execute()):
            raise Conflict("That passkey is known to the board already.")
        audit.note(by, "passkey.added", passkey=name)


def rename(me: Identity, passkey_id: int, name: str) -> None:
    """Give another name to a user's own; raise NotFound for a stranger's."""
    with db.write():
        standing.require(me, "account")
        changed = Passkey.update(name=name).where(*_own(me, passkey_id)).execute()
    if not changed:
        raise NotFound


def remove(me: Identity, by: Actor, passkey_id: int, *, passwords: bool) -> None:
    """Remove one of a user's own; raise NotFound, and Conflict if no way in would be left.

    So it is with the last second factor, where one must have one. `passwords` says whether theirs
    is a way in.
    """
    with db.write():
        user = _lock(me.user_id)
        now = standing.require(me, "account")
        row = Passkey.select().where(*_own(me, passkey_id)).get_or_none()
        if row is None:
            raise NotFound
        if not _has_another_way(user, row, passwords=passwords):
            raise Conflict(ONLY_WAY)
        Passkey.delete().where(Passkey.id == row.id).execute()
        if duty.binds(now.role) and not (second.has_app(user.id) or second.has_passkey(user.id)):
            raise Conflict(ONLY_ONE)
        second.forget_codes(user.id)
        audit.note(by, "passkey.removed", passkey=row.name)


def prove(answered: Answered, challenge: Challenge, home: Home, client: str) -> Account:
    """Return whose passkey has answered a challenge, which is then used up.

    Raise NotTaken unless it is a known one that has signed, Over if the challenge was answered.
    """
    with db.write():
        user = _lock(_found(answered, home).user_id)
        row = _found(answered, home)  # it may have been removed, or used, before the lock
        if challenge.user_id not in {0, row.user_id}:
            raise NotTaken
        answered.prove(row.credential)
        challenges.use(challenge)
        copied = _goes_back(row, answered)
        if copied:
            by = Actor(Someone(user.id, user.username), client)
            audit.note(by, "passkey.refused", passkey=row.name)
        else:
            _note_use(row, answered)
    if copied:
        raise Copied
    return Account.of(user)


def _found(answered: Answered, home: Home) -> Passkey:
    row = Passkey.get_or_none(Passkey.id_hash == answered.id_hash, Passkey.rp_id == home.host)
    if row is None:
        raise NotTaken
    handle = answered.user_handle
    if handle is not None and not hmac.compare_digest(handle.encode(), row.user_handle.encode()):
        raise NotTaken
    return row


def _goes_back(row: Passkey, answered: Answered) -> bool:
    """Say whether a key's count does not go up: one that does not count says 0 for ever."""
    counts = answered.sign_count, row.sign_count
    return counts[0] <= counts[1] and counts != (0, 0)


def _note_use(row: Passkey, answered: Answered) -> None:
    used = {"sign_count": answered.sign_count, "backed_up": answered.backed_up}
    Passkey.update(used_at=clock.now(), **used).where(Passkey.id == row.id).execute()


def _own(me: Identity, passkey_id: int) -> tuple[object, ...]:
    return Passkey.id == passkey_id, Passkey.user == me.user_id


def _has_another_way(user: User, row: Passkey, *, passwords: bool) -> bool:
    if passwords and user.password_hash != tokens.NO_PASSWORD:
        return True
    others = Passkey.select().where(
        Passkey.user == user.id, Passkey.id != row.id, Passkey.rp_id == row.rp_id
    )
    tied = ProvidedIdentity.select().where(ProvidedIdentity.user == user.id)
    return others.exists() or tied.exists()


def _lock(user_id: int) -> User:
    user = db.locked(User.select().where(User.id == user_id)).get_or_none()
    if user is None:
        raise NotFound
    return user
