"""Pictures of the pages, kept in var/screenshots/, and the weight of a first visit."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from service.access.audit import OPERATOR
from service.accounts import accounts
from service.messages import writing
from service.people import people
from service.rooms import rooms
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.screenshots import keep_screenshot
from tests.people import PASSWORD, add_person
from tests.rooms.doing import made, me
from tests.servers import PROJECT

DEVICES: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "is_mobile": True,
        "has_touch": True,
    },
    "tablet": {"viewport": {"width": 768, "height": 1024}},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}
BASELINE = """(part) => {
  const probe = part.appendChild(document.createElement("span"));
  probe.style.display = "inline-block";  // an empty one stands upon the line
  return probe.getBoundingClientRect().bottom;
}"""
HEAVIEST_FIRST_VIEW = 60 * 1024  # bytes over the wire
# Until the page is there: on a slow machine it has marked the room as read before it is asked.
BYTES = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const isFirst = ({ startTime }) => startTime <= page.loadEventEnd;
    const sizes = performance.getEntries().filter(isFirst).map((entry) => entry.transferSize ?? 0);
    return sizes.reduce((a, b) => a + b);
}"""
RESOURCES = """performance.getEntriesByType("resource").map((entry) => entry.name)"""
MARGIN = 12  # pixels that a target may reach beyond its words
GROUND = "() => getComputedStyle(document.documentElement).backgroundColor"
# All that stands in the list, and nothing beside it.
PRINTED = """() => document.getElementById("messages").innerText.split("\\n")"""
TALK = (
    ("bob", "Morning all. The release is out: https://example.com/releases/2026-11"),
    ("charlie", "Saw it. Two things before noon:\n- the notes\n- the mail to the beta group"),
    ("bob", "I take the mail."),
)


@pytest.mark.parametrize("device", DEVICES)
def test_pictures_of_the_board_and_the_sign_in_page(
    open_board: Callable[..., Page], new_page: Callable[..., Page], device: str
) -> None:
    alice = open_board("alice", "Europe/Berlin", **DEVICES[device])
    stranger = new_page(**DEVICES[device])
    stranger.goto("/")
    ids = {name: add_person(name).id for name in ("bob", "charlie")}
    for name, text in TALK:
        writing.post(ids[name], text)
    board.post(alice, "Then I take the notes.")
    for scheme in ("light", "dark"):
        for page, name in ((alice, "board"), (stranger, "sign-in")):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert keep_screenshot(page, f"{name}-{device}-{scheme}").stat().st_size > 0


@pytest.mark.parametrize("device", DEVICES)
def test_pictures_of_the_search(
    open_board: Callable[..., Page], faults: Faults, device: str
) -> None:
    faults.allow("status of 422")
    alice = open_board("alice", "Europe/Berlin", **DEVICES[device])
    ids = {name: add_person(name).id for name in ("bob", "charlie")}
    for name, text in TALK * 2:
        writing.post(ids[name], text)
    for query, name in (
        ("the rel", "search"),
        ("from:bob nothing of the kind", "search-empty"),
        ("lunch before:31/12", "search-unreadable"),
        ("from:bob after:2026-01-01 release", "search-filters"),
    ):
        alice.goto(f"/msgs?q={quote(query)}")
        board.is_live(alice)
        if name == "search-filters":
            board.open_filters(alice)
        for scheme in ("light", "dark"):
            alice.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert keep_screenshot(alice, f"{name}-{device}-{scheme}").stat().st_size > 0


def test_the_head_of_what_is_found_has_one_baseline(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice")
    board.post(alice, "Lunch at noon")
    alice.goto("/search?q=lunch")
    head = alice.locator(".hit .message-head")
    baselines = [
        head.locator(part).evaluate(BASELINE) for part in (".author", ".hit-room", ".time")
    ]
    assert max(baselines) - min(baselines) < 1


def test_on_paper_there_are_messages_alone_black_on_white(open_board: Callable[..., Page]) -> None:
    writing.post(add_person("bob").id, "See https://example.com/")
    alice = open_board("alice")
    board.post(alice, "One")
    alice.emulate_media(media="print", color_scheme="dark", reduced_motion="reduce")
    keep_screenshot(alice, "print")
    assert alice.locator("body").inner_text().split("\n") == alice.evaluate(PRINTED)
    assert alice.locator("body").evaluate(GROUND) == "rgb(255, 255, 255)"
    for part in (".text", ".author", ".time", ".text a"):
        ink = alice.locator(part).first.evaluate("(part) => getComputedStyle(part).color")
        assert ink == "rgb(0, 0, 0)", part


@pytest.mark.parametrize("width", [700, 1280])
def test_on_paper_there_is_neither_a_thread_nor_what_stands_where_one_writes(
    open_board: Callable[..., Page], width: int
) -> None:
    alice = open_board("alice", viewport={"width": width, "height": 900})
    account = accounts.find("alice")
    assert account
    slug = made(account, "Garden")
    place = rooms.find(me(account), slug).place
    root = writing.post(account.id, "Who waters the beds?", place=place).id
    alice.request.post(f"/api/rooms/{slug}/archive")
    alice.goto(f"/rooms/{slug}/{root}/thread")
    board.is_live(alice)
    expect(alice.locator("#composer")).to_contain_text("This room is archived")
    alice.emulate_media(media="print")
    keep_screenshot(alice, f"print-thread-{width}")
    expect(board.message(alice, "Who waters the beds?")).to_be_visible()
    assert alice.locator("body").inner_text().split("\n") == alice.evaluate(PRINTED)


def test_in_forced_colours_no_border_is_an_empty_space(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice", color_scheme="dark", forced_colors="active")
    board.post(alice, "One")
    board.composer(alice).focus()
    keep_screenshot(alice, "forced-colours")
    field = board.composer(alice)
    assert field.evaluate("(field) => getComputedStyle(field).borderTopColor") == field.evaluate(
        GROUND
    )
    ring = field.evaluate("(field) => getComputedStyle(field).outlineStyle")
    assert ring == "solid"


def test_the_first_view_is_light_and_takes_two_round_trips(open_board: Callable[..., Page]) -> None:
    bob = add_person("bob").id
    for number in range(60):
        writing.post(bob, f"A message of ordinary length, as people write them, number {number}")
    alice = open_board("alice")
    expect(alice.locator("#messages > li")).to_have_count(50)
    weight = alice.evaluate(BYTES)
    assert 10_000 < weight < HEAVIEST_FIRST_VIEW
    # Two round trips: the page, then all that it names; nothing is named by something else only.
    page = alice.request.get("/msgs").text()
    fetched = [urlsplit(url).path for url in alice.evaluate(RESOURCES)]
    assert [path for path in fetched if path not in page and path != "/api/events"] == []


@pytest.mark.parametrize("width", [360, 700, 1280])
def test_what_can_be_done_covers_neither_name_nor_time(
    open_board: Callable[..., Page], width: int
) -> None:
    name = "The Right Honourable the Lord Featherstonehaugh Ab"
    page = open_board("alice", viewport={"width": width, "height": 800})
    long = accounts.add("x" * 50, PASSWORD, display_name=name).id
    alice = accounts.find("alice")
    assert alice
    writing.post(long, "By another")
    people.set_role(OPERATOR, alice.id, "moderator")
    expect(page.locator("[data-delete]")).to_have_count(1)
    page.locator(".message").hover()
    parts = ":is(.actions, .more):visible", ".author", "time"
    boxes = [page.locator(part).first.bounding_box() for part in parts]
    (actions, *others) = [box for box in boxes if box]
    assert len(others) == 2
    for box in others:
        beside = box["x"] + box["width"] <= actions["x"] + 1
        below = box["y"] + MARGIN >= actions["y"] + actions["height"]
        above = box["y"] + box["height"] <= actions["y"] + MARGIN
        assert beside or below or above


def test_the_dark_theme_is_other_colours_and_nothing_else() -> None:
    sources = (PROJECT / "static/src").glob("*.css")
    css = "".join(file.read_text() for file in sources)
    assert "prefers-color-scheme" not in css  # a colour is two, and what is around it says which
    by_theme = re.findall(r"\[data-theme=\"\w+\"\] \{(.*?)\}", css)
    assert by_theme == [" color-scheme: light; ", " color-scheme: dark; "]
    assert css.count("data-theme") == len(by_theme)
    templates = "".join(file.read_text() for file in (PROJECT / "templates").rglob("*.html"))
    assert not re.search(r"\b(dark|light):", templates)  # as Tailwind writes a theme's own classes
