"""What a bot writes is marked as a bot's wherever it is shown."""

import pytest

from service.access.audit import OPERATOR
from service.access.visible import Member
from service.accounts import accounts
from service.messages import writing
from service.people import people
from tests.people import HTMX, PAGE, Person, add_bot, listed, post
from tests.streams import Board

MARK = '<span class="tag">Bot</span>'


@pytest.fixture
def bot(alice: Person) -> Member:
    """Alice's bot."""
    owner = accounts.find("alice")
    assert owner
    return Member(add_bot("deploy", owner).id)


def test_a_bots_message_is_marked_on_every_page_and_in_json(alice: Person, bot: Member) -> None:
    post(alice, "By Alice, Tuesday")
    number = writing.post(bot.user_id, "By a bot").id
    for path in ("/msgs", "/msgs?q=bot", "/msgs?before=99"):
        for headers in (PAGE, HTMX):
            assert alice.get(path, headers=headers).text.count(MARK) == 1, path
    assert [each["bot"] for each in listed(alice)["messages"]] == [True, False]
    writing.edit(bot, number, "By a bot, edited")
    assert [each["bot"] for each in listed(alice, q="edited")["messages"]] == [True]
    assert alice.get("/msgs").text.count(MARK) == 1


def test_what_changed_says_that_a_bot_wrote_it(alice: Person, bot: Member) -> None:
    start = listed(alice)["cursor"]
    writing.post(bot.user_id, "By a bot")
    (event,) = listed(alice, after=start)["events"]
    assert event["message"]["bot"] is True


def test_messages_stay_a_bots_when_it_is_gone(alice: Person, bot: Member) -> None:
    writing.post(bot.user_id, "By a bot")
    people.delete(OPERATOR, bot.user_id)
    assert alice.get("/msgs").text.count(MARK) == 1
    assert "deploy" not in alice.get("/msgs").text


@pytest.mark.anyio
@pytest.mark.usefixtures("account")
async def test_open_pages_get_it_marked(board: Board) -> None:
    alice = await board.sign_in("alice")
    stream, _ = await board.open_now(alice)
    for author in (1, add_bot("deploy", accounts.get(1)).id):
        writing.post(author, "Hello")
        frame = await stream.frame()
        assert frame
        assert (MARK in frame.data) == (author != 1)
