"""The pages that let people in: without flaws, as all others."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from service.access import options
from service.access.audit import OPERATOR
from service.data import db
from service.joining import registration
from service.joining.newcomers import Newcomer
from service.links import links
from service.resets import resets
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.people import add_person, password_hash

LONG = "A message that goes on " * 9


def set_password_states(page: Page) -> Iterator[str]:
    made = resets.make(OPERATOR, add_person("Bartholomew Featherstonehaugh-Cholmondeley").id)
    page.goto(f"/reset?code={made.code}")
    yield "reset link"
    page.get_by_label("New password").fill("password")
    page.get_by_role("button", name="Set the password").click()
    expect(page.locator("[aria-invalid]")).to_be_visible()
    yield "reset link with an error"
    for path in ("/reset?done=yes", "/reset?code=x", "/forgotten"):
        page.goto(path)
        yield path


def registration_states(page: Page) -> Iterator[str]:
    with db.write():
        options.set_all(OPERATOR, {"registration": "approval", "domains": "example.org"})
    page.goto("/register")
    while not page.get_by_label("Username", exact=True).is_visible():  # known in 2 s
        page.reload()
    yield "registration"
    page.get_by_label("Username", exact=True).fill("x" * 50)
    page.get_by_label("Password", exact=False).first.fill("password")
    page.get_by_label("Who you are").fill(LONG[:200])
    page.get_by_role("button", name="Register").click()
    expect(page.locator("[aria-invalid]").first).to_be_visible()
    yield "registration with an error"
    page.get_by_label("Password", exact=False).first.fill("several unusual words")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("You are registered")).to_be_visible()
    yield "registered"
    with db.write():
        options.set_all(OPERATOR, {"registration": "domains"})
        _, code = links.make("email", None, registration.PROVING, email="ada@example.org")
    page.goto(f"/email?code={code}")
    yield "proved address of a newcomer"
    alice = add_person("alice").id
    with db.write():
        _, code = links.make("email", alice, registration.PROVING, user=alice, email="a@b.example")
    page.goto(f"/email?code={code}")
    yield "link to an address"
    page.goto("/email?done=yes")
    yield "proved address"


@pytest.mark.shows("/reset", "/forgotten", "/register", "/email")
def test_the_ways_in_have_no_flaws(new_page: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 4(04|22)")
    page = new_page(reduced_motion="reduce")
    states = itertools.chain(set_password_states(page), registration_states(page))
    assert [wrong for name in states for wrong in check(page, name)] == []


def letting_in_states(page: Page) -> Iterator[str]:
    wanted = Newcomer("Dora", password_hash(), "UTC")
    with db.write():
        options.set_all(OPERATOR, {"registration": "approval"})
    registration.wait(wanted, "dora@example.org", LONG[:200], "192.0.2.1")
    page.goto("/admin/people?state=pending")
    yield "those who wait"
    page.get_by_role("link", name="Dora").click()
    page.get_by_label("Username").fill("ada")
    page.get_by_role("button", name="Let in").click()
    expect(page.get_by_text("There is somebody named ada already.")).to_be_visible()
    yield "somebody who waits under a name that is taken"
    page.get_by_label("Username").fill("Dora")
    page.get_by_role("button", name="Let in").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_label("The link, which is shown only now")).to_be_visible()
    yield "reset link that was made"


def test_letting_in_has_no_flaws(open_board: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 422")
    add_person("ada", "admin")
    page = open_board("ada", reduced_motion="reduce")
    assert [wrong for name in letting_in_states(page) for wrong in check(page, name)] == []
