"""Bots: made, given to an owner, listed. Nobody signs in as one: programs send a token of it.

What else is done to one, such as keeping it out, is done to it as to a person.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from service.access import api_tokens, audit, names, roles, standing
from service.access import tokens as passwords
from service.access.audit import Actor, Someone
from service.access.standing import Standing
from service.access.visible import Member
from service.accounts import accounts, naming
from service.accounts.accounts import Account
from service.base import clock
from service.base.errors import Invalid, NotFound
from service.base.words import name_key
from service.data import db
from service.data.tables import ApiToken, Bot, User
from service.tokens import tokens
from service.tokens.terms import Terms
from service.tokens.tokens import Token

NOBODY = "There is nobody of that name who can sign in."
NONE = "There is no such bot any more."


@dataclass(frozen=True)
class Owned:
    """A bot, whose it is, and when a token of it was used last; no owner after that one's end."""

    account: Account
    owner: Account | None
    used_at: dt.datetime | None

    @property
    def works(self) -> bool:
        """Say whether its tokens do; they do not while its owner is kept out."""
        return not self.account.disabled and self.owner is not None and not self.owner.disabled


def add(by: Actor, username: str, owner: str, display_name: str = "", board: str = "") -> Account:
    """Make a bot of whoever is named.

    Raises Invalid for a name that is none or an owner who can't sign in, Conflict for a name like
    another, Forbidden and NotSignedIn. `board` is the board's own name.
    """
    name, shown = names.clean(username, board), _shown(display_name, board)
    with db.write():
        _, person = _locked(0, owner)
        standing.require_of(by, "manage")
        account = accounts.insert(name, passwords.NO_PASSWORD, role="bot", display_name=shown)
        audit.note(by, "bot.added", Someone(account.id, name))
        _give(by, account, person)
    return account


def change(by: Actor, bot_id: int, owner: str, display_name: str = "", board: str = "") -> None:
    """Give a bot to whoever is named, and let others see it by a name, or none.

    Another owner's tokens of it work no more: whoever had it may have kept them. Raises as `add`,
    and NotFound.
    """
    shown = _shown(display_name, board)
    with db.write():
        bot, person = _locked(bot_id, owner)
        standing.require_of(by, "manage")
        if bot is None:
            raise NotFound(NONE)
        if _owner_of(bot_id) != person.id:
            api_tokens.revoke_each(by, Someone(bot.id, bot.username))
            _give(by, Account.of(bot), person)
        naming.let_be_shown(by, bot, shown)


def listed(owner_id: int | None = None) -> list[Owned]:
    """Return the bots of somebody, or all there are, by name."""
    with db.read():
        found = User.select().where(User.role == "bot", User.deleted_at.is_null())
        if owner_id is not None:
            found = found.where(User.id << Bot.select(Bot.user).where(Bot.owner == owner_id))
        return _owned(found.order_by(User.username_key))


def one(user_id: int, bot_id: int) -> Owned:
    """Return a bot to its owner, or to who looks after all; raise NotFound to others."""
    with db.read():
        _check_owner(standing.require(Member(user_id), "account"), user_id, bot_id)
        return _owned(User.select().where(User.id == bot_id))[0]


def make_token(by: Actor, bot_id: int, terms: Terms) -> tuple[Token, str]:
    """Make a token for a bot, for its owner or who looks after all; raises as `tokens.make`.

    Raises Invalid too for what its owner may not do, NotFound for another's bot.
    """
    with db.write():
        list(db.locked(User.select(User.id).where(User.id == bot_id)))  # it may get another owner
        _require_owning(by, bot_id)
        now = standing.of([bot_id]).get(bot_id)
        owner = now and now.owner and now.owner.role
        beyond = [each for each in terms.scopes if not roles.may("bot", each, owner)]
        if beyond:
            raise Invalid(scopes=f"The role of its owner does not allow: {', '.join(beyond)}.")
        return tokens.make(by, bot_id, terms)


def revoke_token(by: Actor, token_id: int) -> int:
    """Let a token of a bot work no more, and return whose it was.

    Raises NotFound if it does not, or for another's bot.
    """
    with db.write():
        row = ApiToken.get_or_none(ApiToken.id == token_id)
        bot_id = row.user_id if row else 0
        _require_owning(by, bot_id)
        tokens.revoke(by, token_id, bot_id)
    return bot_id


def _shown(display_name: str, board: str) -> str | None:
    return names.clean(display_name, board, "display_name") if display_name.strip() else None


def _require_owning(by: Actor, bot_id: int) -> None:
    now = standing.require_of(by, "account")
    if now and by.who.id is not None:
        _check_owner(now, by.who.id, bot_id)


def _check_owner(now: Standing, user_id: int, bot_id: int) -> None:
    mine = roles.may(now.role, "manage") or _owner_of(bot_id) == user_id
    if not mine or not _is_bot(User.get_or_none(User.id == bot_id)):
        raise NotFound(NONE)


def _locked(bot_id: int, owner: str) -> tuple[User | None, User]:
    """Return a bot, if there is one, and who is to own it, locked in the order of their ids.

    Raises Invalid unless the owner is a person who can sign in.
    """
    names.hold()  # whoever asks names a bot, too
    meant = (User.id == bot_id) | (User.username_key == name_key(owner))
    rows = list(db.locked(User.select().where(meant).order_by(User.id)))
    bot = next((row for row in rows if row.id == bot_id and _is_bot(row)), None)
    for row in rows:
        if row.username_key == name_key(owner) and row.role in roles.PEOPLE and not row.disabled_at:
            return bot, row
    raise Invalid(owner=NOBODY)


def _is_bot(row: User | None) -> bool:
    return row is not None and row.role == "bot" and row.deleted_at is None


def _owner_of(bot_id: int) -> int | None:
    row = Bot.get_or_none(Bot.user == bot_id)
    return row.owner_id if row else None


def _give(by: Actor, bot: Account, owner: User) -> None:
    """Let somebody own a bot, and nobody else."""
    Bot.delete().where(Bot.user == bot.id).execute()
    Bot.insert(user=bot.id, owner=owner.id, created_at=clock.now()).execute()
    # Their name is told as whom it was done to: so it goes from the log when they do.
    audit.note(by, "bot.owner", Someone(owner.id, owner.username), bot=bot.username)


def _owned(rows: Iterable[User]) -> list[Owned]:
    bots = [Account.of(row) for row in rows]
    ids = [bot.id for bot in bots]
    owners = {row.user_id: Account.of(row.owner) for row in _with_owners(ids)}
    by_use = ApiToken.select().where(ApiToken.user << ids).order_by(ApiToken.used_at)
    used = {row.user_id: row.used_at for row in by_use if row.used_at}
    return [Owned(bot, owners.get(bot.id), used.get(bot.id)) for bot in bots]


def _with_owners(ids: list[int]) -> Iterable[Bot]:
    return Bot.select(Bot, User).join(User, on=Bot.owner).where(Bot.user << ids)
