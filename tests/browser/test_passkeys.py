"""Passkeys in a browser with a device of its own, behind the project's nginx with TLS."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from service.access import options
from service.access.audit import OPERATOR
from service.data import db
from service.data.tables import Passkey, Session
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.browser.screenshots import keep_screenshot
from tests.databases import fresh_copy
from tests.nginx.proxy import TLS_URL, running
from tests.people import PASSWORD, add_person
from tests.servers import Server

# One at a time has nginx's ports, the others wait.
pytestmark = pytest.mark.timeout(180)

NewPage = Callable[..., Page]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def server(migrated: dict[str, str], postgres: str, tmp_path: Path) -> Generator[Server]:
    """Yield a board of this test's own behind nginx, which knows its address; Alice is there."""
    own = {"TRUSTED_PROXIES": "127.0.0.1", "PUBLIC_URL": TLS_URL}
    with fresh_copy(migrated["sqlite"], postgres, tmp_path) as url:
        db.open_database(url)
        add_person("alice")
        server = Server(url, tmp_path / "server.log", own)
        server.start()
        with running(server.port, certificate=True):
            yield server
        server.close()
        db.close_database()


class Device:
    """What a page asks for a passkey."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        added = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self._id = added["authenticatorId"]

    def refuses(self, *, verified: bool) -> None:
        """Let its user be the one whom it knows, or somebody else."""
        told = {"authenticatorId": self._id, "isUserVerified": verified}
        self._session.send("WebAuthn.setUserVerified", told)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    page = new_page(TLS_URL, ignore_https_errors=True, reduced_motion="reduce")
    page.goto("/")
    return page


@pytest.fixture
def device(page: Page) -> Device:
    return Device(page)


def type_password(page: Page) -> None:
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def type_sign_in(page: Page) -> None:
    type_password(page)
    board.is_live(page)


def add(page: Page, name: str) -> None:
    page.goto("/account/passkeys")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the passkey").click()


def let_time_pass() -> None:
    with db.write():
        Session.update(confirmed_at=None).execute()


def shown(page: Page, name: str) -> list[str]:
    """Keep pictures of a page as a phone and a screen show it, and return what is wrong with it."""
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            keep_screenshot(page, f"passkeys-{name}-{width}-{scheme}")
    return check(page, name)


def set_up(page: Page) -> list[str]:
    """Let Alice add her first passkey, which she must have; return what is wrong with the pages."""
    wrong = shown(page, "sign-in")
    type_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    page.get_by_role("link", name="passkey").click()
    wrong += check(page, "none")
    page.goto("/account/passkeys/new")
    wrong += shown(page, "new")
    add(page, "My laptop")
    expect(page.get_by_role("status")).to_contain_text("The passkey is added.")
    wrong += shown(page, "one")
    add(page, "The same again")
    expect(page.get_by_role("alert")).to_have_text(
        "There is a passkey for your account on this device already."
    )
    return wrong


def use_it(page: Page) -> list[str]:
    """Let Alice sign in by it, confirm by it, and go on by it after her password."""
    page.goto("/msgs")
    board.sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    board.is_live(page)
    let_time_pass()
    page.goto("/account/export")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    wrong = shown(page, "confirm")
    page.get_by_role("button", name="Confirm with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Export what is mine")
    page.goto("/account")
    let_time_pass()
    page.get_by_role("button", name="Sign out").filter(has_text="since").last.click()
    page.get_by_role("button", name="Confirm with a passkey").click()
    type_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    wrong += shown(page, "second")
    page.get_by_role("button", name="Use your passkey").click()
    board.is_live(page)
    return wrong


@pytest.mark.shows("/account/passkeys", "/account/passkeys/new")
def test_alice_makes_a_passkey_signs_in_by_it_confirms_by_it_and_removes_it(
    page: Page, device: Device, faults: Faults
) -> None:
    faults.allow("status of 4(03|09|22)")
    with db.write():  # which the server knows in two seconds
        options.set(OPERATOR, "second_factor", "everybody")
    assert [*set_up(page), *use_it(page)] == []
    page.goto("/account/passkeys")
    page.get_by_label("Name of My laptop").fill("Old laptop")
    page.get_by_role("button", name="Rename My laptop").click()
    expect(page.get_by_role("status")).to_have_text("The passkey has its new name.")
    board.confirm(page, "Remove Old laptop")
    expect(page.get_by_role("alert")).to_contain_text("This board wants a second factor of you.")
    with db.write():
        options.set(OPERATOR, "second_factor", "nobody")
    page.wait_for_timeout(2500)
    let_time_pass()
    board.confirm(page, "Remove Old laptop")
    page.get_by_role("button", name="Confirm with a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")


def test_what_goes_wrong_is_said_beside_the_button(
    page: Page, device: Device, faults: Faults
) -> None:
    faults.allow("status of 401")
    type_sign_in(page)
    add(page, "My laptop")
    expect(page.get_by_role("status")).to_be_visible()
    page.goto("/msgs")
    board.sign_out(page)
    device.refuses(verified=False)
    button = page.get_by_role("button", name="Sign in with a passkey")
    button.click()
    expect(page.get_by_role("alert").last).to_contain_text("It was cancelled, or took too long.")
    device.refuses(verified=True)
    with db.write():
        Passkey.delete().execute()
    button.click()
    expect(page.get_by_role("alert").last).to_contain_text("The board does not know that passkey")


def test_where_a_passkey_cannot_work_the_page_says_why(
    server: Server, new_page: NewPage, faults: Faults
) -> None:
    faults.allow("status of 404")
    elsewhere = new_page(server.url.replace("127.0.0.1", "localhost"))
    elsewhere.goto("/")
    type_sign_in(elsewhere)
    elsewhere.goto("/account/passkeys/new")
    expect(elsewhere.get_by_role("link", name=TLS_URL)).to_have_attribute(
        "href", f"{TLS_URL}/account/passkeys"
    )
    expect(elsewhere.get_by_role("button", name="Make the passkey")).to_be_hidden()
    plain = new_page(TLS_URL, ignore_https_errors=True, java_script_enabled=False)
    plain.goto("/")
    expect(plain.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    old = new_page(TLS_URL, ignore_https_errors=True)
    old.add_init_script("delete window.PublicKeyCredential")
    old.goto("/")
    type_sign_in(old)
    old.goto("/account/passkeys/new")
    expect(old.get_by_text("needs a browser that knows passkeys")).to_be_visible()
