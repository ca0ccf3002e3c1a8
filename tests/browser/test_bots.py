"""Bots: their pages, and what they write."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from service.access.audit import OPERATOR
from service.bots import bots
from service.messages import writing
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.people import add_person

TOKEN = re.compile("brd_[0-9a-f]{40}")


def bot_states(page: Page) -> Iterator[str]:
    shown = "The Right Honourable the Robot of Featherstonehaugh"[:50]
    bot = bots.add(OPERATOR, "x" * 50, "ada", shown)
    bots.add(OPERATOR, "deploys", "ada")
    for author in (bot.id, bots.listed()[0].account.id):
        writing.post(author, "Release 17 is out")
    expect(page.locator(".message .tag").first).to_be_visible()
    yield "board with what bots wrote"
    page.goto("/admin/bots")
    yield "bots"
    page.get_by_label("Username").fill("robot")
    page.get_by_label("Owner").fill("nobody")
    page.get_by_role("button", name="Make the bot").click()
    expect(page.locator("[aria-invalid]")).to_have_value("nobody")
    yield "bots with an error"
    page.get_by_label("Owner").fill("ada")
    page.get_by_role("button", name="Make the bot").click()
    expect(page.get_by_text("The bot is made.")).to_be_visible()
    page.get_by_label("What it is for").fill("Releases")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_label("Token “Releases”")).to_have_value(TOKEN)
    yield "a bot with a token that was made"
    page.goto(f"/bots/{bot.id}")
    yield "a bot with a long name"
    page.goto("/account")
    page.get_by_role("link", name="Your bots").click()
    expect(page.get_by_role("link", name="deploys")).to_be_visible()
    yield "my bots"
    page.goto(f"/admin/people/{bot.id}")
    page.get_by_role("link", name="Its owner and tokens").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bot")


@pytest.mark.shows("/admin/bots", "/bots/{bot_id}", "/account/bots")
def test_bots_have_no_flaws(open_board: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 422")
    add_person("ada", "admin")
    page = open_board("ada", reduced_motion="reduce")
    assert [wrong for name in bot_states(page) for wrong in check(page, name)] == []
