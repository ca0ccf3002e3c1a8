"""The pages of those who look after people: what axe finds, and what fits a phone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from service.access import sessions
from service.base import clock
from service.data import db
from service.data.tables import User
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.people import add_person

LINES = """(element) => {
  const words = document.createRange();
  words.selectNodeContents(element);
  return words.getClientRects().length;
}"""
NOTE = "I would like to read along " * 6


def admin_pages(page: Page) -> Iterator[str]:
    now = clock.now()
    long = "Bartholomew Featherstonehaugh-Cholmondeley"
    person = add_person(long)
    email = "bartholomew.featherstonehaugh@a-long-name-of-a-company.example"
    waits = add_person("waiting-1")
    with db.write():
        User.update(email=email, display_name="Bart").where(User.id == person.id).execute()
        wait = {"pending_at": now, "disabled_at": now, "wanted_name": "Dora"}
        User.update(wait, pending_note=NOTE).where(User.id == waits.id).execute()
    sessions.start(person.id, person.password_hash, "UTC", "curl/8")
    for path, title in (
        ("/admin/people", "People"),
        ("/admin/people?q=nobody-at-all", "People"),
        (f"/admin/people/{person.id}", "Bart"),
        (f"/admin/people/{person.id}/deletion", f"Delete {long}"),
        (f"/admin/people/{waits.id}", "Dora"),
    ):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        yield path
    page.get_by_label("Username, another").fill("alice")
    page.get_by_role("button", name="Let in").click()
    expect(page.locator("[aria-invalid]")).to_be_visible()
    yield "somebody let in under a name that is taken"


def test_no_address_takes_the_place_of_roles(open_board: Callable[..., Page]) -> None:
    add_person("ada", "admin")
    page = open_board("ada", viewport={"width": 320, "height": 800})
    one = add_person("x" * 50, "moderator")
    with db.write():
        User.update(email=f"{'x' * 64}@{'y' * 180}.example").where(User.id == one.id).execute()
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/admin/people?role=moderator")
        for words in ("Moderator", "Active"):
            assert page.get_by_role("cell", name=words).evaluate(LINES) == 1


@pytest.mark.shows("/admin/people", "/admin/people/{user_id}", "/admin/people/{user_id}/deletion")
def test_the_pages_of_admins_have_no_flaws(open_board: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 422")
    add_person("alice", "admin")
    page = open_board("alice", reduced_motion="reduce")
    assert [wrong for name in admin_pages(page) for wrong in check(page, name)] == []
