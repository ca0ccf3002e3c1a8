"""What axe-core finds on the pages beside the board, in both themes and two widths."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from service.access.visible import Member
from service.accounts import accounts
from service.data import db
from service.data.tables import BOARD, Session
from service.messages import writing
from service.pins import pins
from service.threads import threads
from tests.browser.faults import Faults
from tests.browser.flaws import HEIGHT, LONG, PHONE, SIDEWAYS, check
from tests.people import add_person

NOUNS = 2
KEEP = """(kept) => [...document.querySelectorAll(".noun")].slice(kept)
  .forEach((part) => part.remove())"""


def other_pages(page: Page) -> Iterator[str]:
    page.goto("/account")
    yield "account"
    page.get_by_label("Current password").fill("wrong, surely")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator("[aria-invalid]").first).to_be_visible()
    yield "account with an error"
    alice = accounts.find("alice")
    assert alice
    ids = [writing.post(alice.id, text).id for text in ("One", LONG)]
    pins.pin(Member(alice.id), ids[1], BOARD)
    threads.reply(Member(alice.id), ids[1], writing.draft(Member(alice.id), LONG))
    for path, title in (
        (f"/msgs/{ids[0]}/edit", "Edit a message"),
        (f"/msgs/{ids[1]}/deletion", "Delete a message"),
        (f"/msgs/{ids[1]}/reactions", "Reactions"),
        ("/msgs/pins", "Board"),
        (f"/msgs/{ids[1]}/thread", "Board"),
        (f"/msgs?before={ids[1]}", "Board"),
        ("/nowhere", "There is nothing here"),
        ("/api/logout", "Sign out"),
        ("/account/export", "Export what is mine"),
        ("/account/deletion", "Delete my account"),
        ("/account/deleted", "Your account is deleted"),
    ):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        yield path
    yield from confirming_states(page)


def confirming_states(page: Page) -> Iterator[str]:
    page.goto("/account/deletion")
    page.get_by_label("Type alice").fill("bob")
    page.get_by_label("Keep them").check()
    page.get_by_role("button", name="Delete my account").click()
    expect(page.locator("[aria-invalid]")).to_be_visible()
    yield "deletion with an error"
    with db.write():
        Session.update(confirmed_at=None).execute()
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_label("Password").fill("wrong, surely")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("[aria-invalid]")).to_be_visible()
    yield "confirmation with an error"
    page.goto("/confirm")
    yield "confirmation"


@pytest.mark.shows("/docs")
def test_the_documentation_has_no_flaws(new_page: Callable[..., Page]) -> None:
    page = new_page(reduced_motion="reduce")
    page.goto("/docs")
    page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    assert page.evaluate(SIDEWAYS) <= 0
    # Its hundred parts are one template's: axe would take a minute for all.
    page.evaluate(KEEP, NOUNS)
    assert check(page, "docs") == []


@pytest.mark.shows(
    "/account",
    "/msgs/{message_id}/edit",
    "/msgs/{message_id}/deletion",
    "/msgs/{message_id}/reactions",
    "/msgs/pins",
    "/msgs/{message_id}/thread",
    "/api/logout",
    "/account/export",
    "/account/deletion",
    "/account/deleted",
    "/confirm",
)
def test_the_other_pages_have_no_flaws(open_board: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 4(03|04|22)")
    page = open_board("alice", reduced_motion="reduce")
    assert [wrong for name in other_pages(page) for wrong in check(page, name)] == []


def setup_states(page: Page) -> Iterator[str]:
    page.goto("/setup")
    yield "setup"
    page.get_by_label("Code").fill("abcd-efgh-jkmn")
    page.get_by_label("Username", exact=True).fill("ada")
    page.get_by_label("Password,").fill("a fine long password")
    page.get_by_role("button", name="Make my account").click()
    expect(page.locator("[aria-invalid]")).to_be_visible()
    yield "setup with an error"


def sign_in_states(page: Page) -> Iterator[str]:
    yield from setup_states(page)
    add_person("alice")
    page.goto("/")
    yield "sign-in"
    page.get_by_label("Name").fill("nobody")
    page.get_by_label("Password").fill("a wrong password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="is wrong")).to_be_visible()
    yield "sign-in with an error"
    page.get_by_label("Name").fill("  ")
    page.get_by_label("Password").fill("anything")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("[aria-invalid]")).to_be_visible()
    yield "sign-in with a field's error"
    page.goto("/nowhere")
    yield "nowhere, signed out"


def invitation_states(admin: Page, stranger: Page) -> Iterator[tuple[Page, str]]:
    admin.goto("/admin/invites")
    yield admin, "invites"
    admin.get_by_label("How many can").fill("0")
    admin.get_by_role("button", name="Make an invitation").click()
    expect(admin.locator("[aria-invalid]")).to_be_visible()
    yield admin, "invites with an error"
    admin.get_by_label("How many can").fill("3")
    admin.get_by_label("Note").fill("For whoever takes the notes " * 4)
    admin.get_by_role("button", name="Make an invitation").click()
    link = admin.get_by_label("Link").input_value()
    yield admin, "an invitation that was made"
    stranger.goto(link)
    yield stranger, "an invitation"
    stranger.get_by_label("Username", exact=True).fill("ada")
    stranger.get_by_label("Password,").fill("12345678")
    stranger.get_by_role("button", name="Join").click()
    expect(stranger.locator("[aria-invalid]").first).to_be_visible()
    yield stranger, "an invitation with an error"
    stranger.goto("/join?code=nothing")
    yield stranger, "an invitation that does not work"


@pytest.mark.shows("/admin/invites", "/join")
def test_the_pages_of_invitations_have_no_flaws(
    open_board: Callable[..., Page], new_page: Callable[..., Page], faults: Faults
) -> None:
    faults.allow("status of 4(04|22)")
    add_person("ada", "admin")
    pages = open_board("ada", reduced_motion="reduce"), new_page(reduced_motion="reduce")
    states = invitation_states(*pages)
    assert [wrong for page, name in states for wrong in check(page, name)] == []


@pytest.mark.shows("/", "/setup")
def test_the_sign_in_page_has_no_flaws(new_page: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 4(01|04|22)")
    page = new_page(reduced_motion="reduce")
    assert [wrong for name in sign_in_states(page) for wrong in check(page, name)] == []


def administration_states(page: Page) -> Iterator[str]:
    for path in ("audit", "options", "board"):
        page.goto(f"/admin/{path}")
        yield path
    page.goto("/admin/options")
    page.get_by_text("What needs a restart").click()
    page.get_by_label("Open pages per user").fill("many")
    page.get_by_role("button", name="Save the options").click()
    expect(page.locator("[aria-invalid]")).to_be_visible()
    yield "options with an error"


@pytest.mark.shows("/admin/audit", "/admin/options", "/admin/board")
def test_the_boards_own_pages_have_no_flaws(
    open_board: Callable[..., Page], faults: Faults
) -> None:
    faults.allow("status of 422")
    add_person("ada", "admin")
    page = open_board("ada", reduced_motion="reduce")
    assert [wrong for name in administration_states(page) for wrong in check(page, name)] == []
