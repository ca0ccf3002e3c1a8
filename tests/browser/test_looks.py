"""Pictures of the pages, kept in var/screenshots/, and the weight of a first visit."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from service import messages
from tests.browser import board
from tests.browser.conftest import keep_screenshot
from tests.people import add_person

SIZES = {"phone": (360, 740), "desktop": (1280, 800)}
HEAVIEST_FIRST_VIEW = 60 * 1024  # bytes over the wire
BYTES = (
    """performance.getEntries().map((entry) => entry.transferSize ?? 0).reduce((a, b) => a + b)"""
)
TALK = (
    ("bob", "Morning all. The release is out: https://example.com/releases/2026-11"),
    ("charlie", "Saw it. Two things before noon:\n- the notes\n- the mail to the beta group"),
    ("bob", "I take the mail."),
)


def test_pictures_of_the_board_and_the_sign_in_page(
    open_board: Callable[..., Page], new_page: Callable[..., Page]
) -> None:
    alice, stranger = open_board("alice", "Europe/Berlin"), new_page()
    stranger.goto("/")
    ids = {name: add_person(name).id for name in ("bob", "charlie")}
    for name, text in TALK:
        messages.post(ids[name], text)
    board.post(alice, "Then I take the notes.")
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            for page, name in ((alice, "board"), (stranger, "sign-in")):
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                assert keep_screenshot(page, f"{name}-{size}-{scheme}").stat().st_size > 0


def test_the_first_view_is_light(open_board: Callable[..., Page]) -> None:
    bob = add_person("bob").id
    for number in range(60):
        messages.post(bob, f"A message of ordinary length, as people write them, number {number}")
    alice = open_board("alice")
    expect(alice.locator("#messages > li")).to_have_count(50)
    weight = alice.evaluate(BYTES)
    assert 10_000 < weight < HEAVIEST_FIRST_VIEW
