"""A bot's open stream follows what becomes of its owner."""

from collections.abc import Callable

import pytest

from service.access.audit import OPERATOR
from service.accounts.accounts import Account
from service.bots import bots
from service.messages import messages
from service.people import people
from service.tokens import tokens
from service.tokens.terms import Terms
from tests.people import add_bot, add_person
from tests.streams import Board, Stream

pytestmark = pytest.mark.anyio


def give_away(bot: Account, _: Account) -> None:
    bots.change(OPERATOR, bot.id, add_person("bob").username)


ENDS: dict[str, Callable[[Account, Account], object]] = {
    "owner disabled": lambda _, owner: people.disable(OPERATOR, owner.id),
    "owner deleted": lambda _, owner: people.delete(OPERATOR, owner.id),
    "another owner": give_away,
    "disabled": lambda bot, _: people.disable(OPERATOR, bot.id),
    "deleted": lambda bot, _: people.delete(OPERATOR, bot.id),
}


async def follow(board: Board, owner: Account) -> tuple[Account, Stream]:
    """Open the stream of a bot of somebody's."""
    bot = add_bot("robot", owner)
    _, token = tokens.make(OPERATOR, bot.id, Terms("Follows", ("read",)))
    headers = {"Authorization": f"Bearer {token}"}
    stream = await Stream(board.app, headers, f"after={messages.newest_cursor()}").started()
    assert await stream.frame()
    return bot, stream


@pytest.mark.parametrize("end", ENDS)
async def test_it_ends_with_owner_and_bot(board: Board, end: str) -> None:
    owner = add_person("olga")
    bot, stream = await follow(board, owner)
    ENDS[end](bot, owner)
    assert (await stream.rest())[-1].event in {"signed-out", "resync"}


async def test_it_begins_anew_when_its_owner_may_more_or_less(board: Board) -> None:
    owner = add_person("olga", "moderator")
    _, stream = await follow(board, owner)
    people.set_role(OPERATOR, owner.id, "member")
    assert [frame.event for frame in await stream.rest()] == ["resync"]
