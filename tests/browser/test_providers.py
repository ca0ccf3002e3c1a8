"""Signing in through a provider, in a browser: there and back, in two tabs, and when it is away."""

import re
import socketserver
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.data import db
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.databases import fresh_copy
from tests.oidc.mocked import Provider
from tests.people import PASSWORD, add_person
from tests.servers import Server

BOB = 2  # his id


class Hotel(BaseHTTPRequestHandler):
    """What a network answers with in place of everything, until somebody signs in to it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>Welcome to the hotel</h1>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def hotel(port: int) -> Generator[None]:
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.TCPServer(("127.0.0.1", port), Hotel) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture
def provider() -> Generator[Provider]:
    made = Provider()
    made.come()
    yield made
    made.go()


@pytest.fixture
def server(
    migrated: dict[str, str], postgres: str, provider: Provider, tmp_path: Path
) -> Generator[Server]:
    """Yield a running board of its own, with the provider and with Alice."""
    own = {
        "OIDC_CORP_ISSUER": provider.url,
        "OIDC_CORP_CLIENT_ID": "board",
        "OIDC_CORP_CLIENT_SECRET": "a secret of both",
        "OIDC_CORP_CREATE": "yes",
    }
    with fresh_copy(migrated["sqlite"], postgres, tmp_path) as url:
        db.open_database(url)
        add_person("alice", "admin")
        bob = add_person("bob").id
        assert bob == BOB
        db.close_database()
        server = Server(url, tmp_path / "server.log", own)
        server.environ["PUBLIC_URL"] = server.url
        server.start()
        yield server
        server.close()


def at_provider(page: Page) -> None:
    expect(page.get_by_role("heading", name="Authorize Client")).to_be_visible()


def consent(page: Page) -> None:
    at_provider(page)
    page.get_by_role("button", name="Authorize as 1").click()


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Sign in with Corp").click()
    consent(page)
    expect(page).to_have_url(re.compile("/msgs$"))


def test_there_and_back_in_two_tabs(new_page: Callable[..., Page], faults: Faults) -> None:
    faults.allow("jsdelivr", "status of 400")
    page = new_page(timezone_id="Asia/Tokyo")
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto("/")
        tab.get_by_role("link", name="Sign in with Corp").click()
        at_provider(tab)
    for tab in (page, other):
        consent(tab)
        board.is_live(tab)
    board.post(page, "Hello")
    expect(board.message(other, "Hello")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_label("Times are shown in")).to_have_value("Asia/Tokyo")


def test_back_is_in_nobodys_way(new_page: Callable[..., Page], faults: Faults) -> None:
    faults.allow("jsdelivr", "status of 400")
    page = new_page()
    page.goto("/")
    page.get_by_role("link", name="Sign in with Corp").click()
    at_provider(page)
    page.go_back()
    sign_in(page)
    page.go_back()  # to the provider, which sends on with another answer to a flow that is over
    consent(page)
    expect(page).to_have_url(re.compile("/msgs$"))


def test_without_javascript(new_page: Callable[..., Page], faults: Faults) -> None:
    faults.allow("jsdelivr")
    page = new_page(java_script_enabled=False)
    sign_in(page)
    page.locator("summary", has_text=", menu").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign out of Corp too").click()
    expect(page).to_have_url(re.compile("/oauth2/end_session"))


@pytest.mark.shows("/oidc/{provider}")
def test_another_site_leads_to_a_question(new_page: Callable[..., Page], faults: Faults) -> None:
    faults.allow("jsdelivr", "status of 404")
    page = new_page(reduced_motion="reduce")
    page.goto("/")
    home = page.url
    page.goto(home.replace("127.0.0.1", "localhost") + "nowhere")
    page.evaluate("home => { location.href = `${home}oidc/corp`; }", home)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in with Corp?")
    assert check(page, "asked") == []
    page.get_by_role("link", name="Go on").click()
    at_provider(page)


def test_a_provider_that_is_away_answers_rubbish_and_comes_back(
    new_page: Callable[..., Page], provider: Provider, faults: Faults
) -> None:
    faults.allow("jsdelivr", "status of 503")
    page = new_page()
    provider.go()
    page.goto("/")
    page.get_by_role("link", name="Sign in with Corp").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The provider can't be reached")
    with hotel(provider.port):
        page.wait_for_timeout(2100)  # as long as one that did not answer is believed to be away
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("The provider can't be reached")
    provider.come()
    page.wait_for_timeout(2100)
    sign_in(page)


@pytest.mark.shows("/account/providers", "/identity")
def test_alice_links_her_account_and_what_she_sees_has_no_flaws(
    new_page: Callable[..., Page], faults: Faults
) -> None:
    faults.allow("jsdelivr")
    page = new_page(reduced_motion="reduce")
    page.goto("/")
    wrong = check(page, "sign-in")
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    board.is_live(page)
    page.goto("/account")
    page.get_by_role("link", name="See and link accounts").click()
    wrong += check(page, "not linked")
    page.get_by_role("link", name="Link Corp").click()
    consent(page)
    expect(page.get_by_role("status")).to_have_text("The account is linked.")
    wrong += check(page, "linked")
    page.goto(f"/admin/people/{BOB}")
    page.get_by_role("button", name="Make a link to sign in through Corp").click()
    link = page.get_by_role("textbox", name="Link").input_value()
    wrong += check(page, "link for somebody")
    page.goto(link)
    expect(page.get_by_text("bob", exact=True)).to_be_visible()
    wrong += check(page, "somebody's link")
    assert wrong == []
    page.goto("/account/providers")
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_text("Not linked")).to_be_visible()
