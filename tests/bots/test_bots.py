"""Bots: somebody's each, and no way in for anybody."""

from contextlib import suppress
from functools import partial

import pytest

from service.access import api_tokens, sessions, tokens
from service.access.audit import OPERATOR, Actor, Someone
from service.accounts import accounts
from service.accounts.accounts import Account
from service.base.errors import BoardError, Conflict, Forbidden, Invalid, NotFound
from service.bots import bots
from service.data import db
from service.data.tables import AuditEntry, User
from service.joining import invites, terms
from service.links import links
from service.oidc import offering
from service.people import people
from service.resets import resets
from service.tokens import tokens as made
from service.tokens.terms import Terms
from tests.at_once import at_once
from tests.inside import run
from tests.people import add_bot, add_person

pytestmark = pytest.mark.usefixtures("database")
TERMS = Terms("A program", ("read", "post"))


def acting(account: Account) -> Actor:
    return Actor(Someone(account.id, account.username), "192.0.2.1")


def written() -> list[tuple[str, str, str]]:
    """Return the audit log: who did what to whom."""
    with db.read():
        rows = AuditEntry.select().order_by(AuditEntry.id)
        return [(row.actor, row.action, row.target) for row in rows]


def owners() -> dict[str, str | None]:
    return {
        each.account.username: each.owner.username if each.owner else None for each in bots.listed()
    }


def test_an_admin_makes_a_bot_that_is_somebodys() -> None:
    ada, bob = add_person("ada", "admin"), add_person("bob")
    made = bots.add(acting(ada), "deploy", "BOB", "Deploy bot")
    assert (made.role, made.password_hash, made.display_name) == (
        "bot",
        tokens.NO_PASSWORD,
        "Deploy bot",
    )
    assert owners() == {"deploy": "bob"}
    assert written() == [("ada", "bot.added", "deploy"), ("ada", "bot.owner", "bob")]
    assert [each.account.id for each in bots.listed(bob.id)] == [made.id]
    assert [accounts.owns_bots(each.id) for each in (bob, ada)] == [True, False]


@pytest.mark.parametrize("role", ["moderator", "member", "guest"])
def test_nobody_else_makes_or_changes_one(role: str) -> None:
    by = acting(add_person("by", role))
    bot = add_bot("old", add_person("olga"))
    with pytest.raises(Forbidden):
        bots.add(by, "deploy", "by")
    with pytest.raises(Forbidden):
        bots.change(by, bot.id, "by")
    assert owners() == {"old": "olga"}


@pytest.mark.parametrize("owner", ["", "nobody", "kept-out", "gone", "old"])
def test_an_owner_is_a_person_who_can_sign_in(owner: str) -> None:
    old = add_bot("old", add_person("olga"))
    people.disable(OPERATOR, add_person("kept-out").id)
    people.delete(OPERATOR, add_person("gone").id)
    with pytest.raises(Invalid) as found:
        bots.add(OPERATOR, "deploy", owner)
    assert list(found.value.fields) == ["owner"]
    with pytest.raises(Invalid):
        bots.change(OPERATOR, old.id, owner)
    assert owners() == {"old": "olga"}


def works(token: str) -> bool:
    with db.read():
        return api_tokens.find(token) is not None


def test_another_owner_has_it_without_the_tokens_of_the_first() -> None:
    add_person("olga")
    bot = add_bot("bot", add_person("bob"))
    token = made.make(OPERATOR, bot.id, TERMS)[1]
    bots.change(OPERATOR, bot.id, "bob", "Robot")
    assert works(token)
    bots.change(OPERATOR, bot.id, "olga", "Robot")
    assert not works(token)
    assert owners() == {"bot": "olga"}
    assert accounts.get(bot.id).display_name == "Robot"
    done = [("token.made", "bot"), ("user.renamed", "bot"), ("token.revoked", "bot")]
    assert [entry[1:] for entry in written()] == [*done, ("bot.owner", "olga")]


def test_who_does_not_own_a_bot_does_not_find_it() -> None:
    olga, ada, bob = add_person("olga"), add_person("ada", "admin"), add_person("bob")
    bot = add_bot("bot", olga)
    assert bots.one(olga.id, bot.id) == bots.one(ada.id, bot.id)
    for who, what in ((bob, bot), (ada, bob), (olga, olga)):
        with pytest.raises(NotFound):
            bots.one(who.id, what.id)
    people.delete(OPERATOR, bot.id)
    with pytest.raises(NotFound):
        bots.one(ada.id, bot.id)
    assert owners() == {}


def test_whose_owner_is_kept_out_works_again_with_them() -> None:
    olga = add_person("olga")
    bot = add_bot("bot", olga)
    people.disable(OPERATOR, olga.id)
    assert [each.works for each in bots.listed()] == [False]
    people.enable(OPERATOR, olga.id)
    assert [each.works for each in bots.listed()] == [True]
    people.disable(OPERATOR, bot.id)
    assert [each.works for each in bots.listed()] == [False]


@pytest.mark.parametrize("older", [True, False])
def test_whose_owner_is_deleted_is_kept_out_until_it_has_another(older: bool) -> None:
    olga = add_person("olga")
    bot = add_bot("bot", olga)
    if not older:
        bots.change(OPERATOR, bot.id, add_person("newer").username)
        olga = accounts.find("newer") or olga
    people.delete(OPERATOR, olga.id)
    assert owners() == {"bot": None}
    assert accounts.get(bot.id).state == "disabled"
    assert ("operator", "user.disabled", "bot") in written()
    with pytest.raises(Conflict, match="no owner"):
        people.enable(OPERATOR, bot.id)
    add_person("bob")
    bots.change(OPERATOR, bot.id, "bob")
    people.enable(OPERATOR, bot.id)
    assert [each.works for each in bots.listed()] == [True]


def ways_in(bot: Account) -> dict[str, object]:
    """Return what would let somebody in as a bot, each to be tried."""
    with db.write():
        mark = resets._mark(User.get_by_id(bot.id))
        _, reset = links.make("reset", None, resets.LIFETIME, user=bot.id, note=mark)
    return {
        "session": lambda: sessions.start(bot.id, bot.password_hash, "UTC", ""),
        "reset link": lambda: resets.make(OPERATOR, bot.id),
        "old reset link": lambda: resets.use(reset, tokens.hash_password("x"), ""),
        "password": lambda: accounts.reset_password(bot.id, "a fine long password"),
        "provider": lambda: offering.make(OPERATOR, bot.id),
        "another role": lambda: people.set_role(OPERATOR, bot.id, "admin"),
    }


WAYS = ("session", "reset link", "old reset link", "password", "provider", "another role")


@pytest.mark.parametrize("way", WAYS)
def test_there_is_no_way_in_as_a_bot(way: str) -> None:
    bot = add_bot("bot", add_person("olga", "admin"))
    act = ways_in(bot)[way]
    assert callable(act)
    with pytest.raises(BoardError):
        act()
    assert accounts.get(bot.id) == bot
    with db.read():
        assert User.get_by_id(bot.id).password_hash == tokens.NO_PASSWORD


def test_no_mail_lets_a_bot_in() -> None:
    bot = add_bot("bot", add_person("olga"))
    address = {"email": "bot@example.org", "email_key": "bot@example.org"}
    with db.write():
        User.update(address).where(User.id == bot.id).execute()
    assert resets.mail("Board", "https://board.test", "bot") is None
    assert resets.mail("Board", "https://board.test", "bot@example.org") is None


def test_nobody_becomes_a_bot(database_url: str) -> None:
    bob = add_person("bob")
    with pytest.raises(Invalid):
        people.set_role(OPERATOR, bob.id, "bot")
    with pytest.raises(Forbidden):
        invites.make(None, OPERATOR, terms.Terms(role="bot"))
    for command in ("user role bob bot", "user add robot --role bot", "invite --role bot"):
        assert run(database_url, *command.split(), stdin="a fine password\n").returncode
    assert [each.role for each in accounts.everyone()] == ["member"]


@pytest.mark.parametrize("theirs", [True, False], ids=["renamed", "given"])
def test_none_is_left_to_somebody_who_goes_at_that_moment(theirs: bool) -> None:
    for number in range(4):
        bob, older = add_person(f"bob {number}"), add_person(f"olga {number}")
        bot = add_bot(f"bot {number}", older if theirs else bob)
        gone = older if number % 2 else add_person(f"new {number}")

        def give(bot: Account = bot, name: str = gone.username) -> None:
            with suppress(Invalid):
                bots.change(OPERATOR, bot.id, name, f"Robot {bot.id}")

        at_once([give, partial(people.delete, OPERATOR, gone.id)])
        now = bots.one(add_person(f"ada {number}", "admin").id, bot.id)
        assert (now.owner and now.owner.id) != gone.id
        assert now.works == (now.owner is not None)


def test_whoever_gives_it_away_at_that_moment_keeps_no_token() -> None:
    bob = add_person("bob")
    for number in range(4):
        olga = add_person(f"olga {number}")
        bot = add_bot(f"bot {number}", olga)

        def make(olga: Account = olga, bot: Account = bot) -> None:
            with suppress(NotFound):
                bots.make_token(acting(olga), bot.id, TERMS)

        at_once([make, make, partial(bots.change, OPERATOR, bot.id, bob.username)])
        assert made.count(bot.id) == 0
