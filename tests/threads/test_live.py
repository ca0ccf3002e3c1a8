"""What open pages are told of threads: the reply, for whoever has it open, and its root."""

import pytest

from service.access.visible import Member
from service.accounts import accounts
from service.messages import writing
from service.messages.messages import MessageView
from service.threads import threads
from tests.people import MEMBERS
from tests.streams import Board, Frame, Stream

pytestmark = [pytest.mark.anyio, MEMBERS]


def member(name: str) -> Member:
    account = accounts.find(name)
    assert account
    return Member(account.id)


def say(name: str, text: str, root: int = 0) -> MessageView:
    me = member(name)
    new = writing.draft(me, text)
    return threads.reply(me, root, new) if root else writing.write(me, new)


async def told(stream: Stream) -> str:
    frame = await stream.frame()
    assert isinstance(frame, Frame)
    return frame.data


async def test_a_reply_goes_into_its_thread_and_its_root_is_shown_anew(board: Board) -> None:
    stream, _ = await board.open_now(await board.sign_in("bob"))
    root = say("alice", "Lunch?").id
    assert (await told(stream)).startswith('<hx-upsert hx-target="#messages"')
    number = say("alice", "Noodles", root).id
    reply, anew = await told(stream), await told(stream)
    assert reply.startswith(f'<hx-upsert hx-target="#replies-{root}" key="data-id">')
    assert f'<li id="m-{number}"' in reply
    assert anew.startswith(f'<hx-partial hx-target="#m-{root}" hx-swap="outerHTML">')
    assert "1 reply, last " in anew
    writing.edit(member("alice"), number, "Soup")
    assert (await told(stream)).startswith(f'<hx-partial hx-target="#m-{number}" hx-swap="outer')


async def test_of_what_goes_a_page_keeps_what_still_stands(board: Board) -> None:
    root = say("alice", "Lunch?").id
    number = say("alice", "Noodles", root).id
    stream, _ = await board.open_now(await board.sign_in("bob"))
    writing.delete(member("alice"), root)
    assert "Deleted by its author" in await told(stream)
    writing.delete(member("alice"), number)
    for each in (number, root):
        assert (await told(stream)).startswith(f'<hx-partial hx-target="#m-{each}" hx-swap="delete')
