"""The board in a browser as people have it: behind nginx, over HTTPS."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.screenshots import keep_screenshot
from tests.databases import fresh_copy
from tests.nginx.proxy import TLS_URL, Nginx, running
from tests.people import PASSWORD, PROGRAM, add_person
from tests.servers import Server

# One at a time has nginx's ports, the others wait.
pytestmark = pytest.mark.timeout(180)

NewPage = Callable[..., Page]
REFUSED = ("status of 429", "status of 502", "htmx:.*(429|502)")


@pytest.fixture
def database_url(migrated: dict[str, str], postgres: str, tmp_path: Path) -> Generator[str]:
    with fresh_copy(migrated["sqlite"], postgres, tmp_path) as url:
        yield url


@pytest.fixture
def server(
    request: pytest.FixtureRequest, database: None, start_server: Callable[..., Server]
) -> Server:
    """Return a board of this test's own, which trusts nginx."""
    for name in ("alice", "bob"):
        add_person(name)
    return start_server(TRUSTED_PROXIES="127.0.0.1", **getattr(request, "param", {}))


@pytest.fixture
def nginx(server: Server) -> Generator[Nginx]:
    with running(server.port, certificate=True) as nginx:
        yield nginx


def type_sign_in(page: Page, name: str, there: str = "") -> None:
    page.goto(f"{there}/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@contextmanager
def used_up(method: str = "GET", path: str = "/api/messages") -> Generator[None]:
    """Keep a limit of this machine's own address used up until the block ends."""
    done, begun = threading.Event(), threading.Event()

    def ask() -> None:
        with httpx2.Client(base_url=TLS_URL, headers=PROGRAM, verify=False) as client:
            while not done.is_set():
                if client.request(method, path).status_code == 429:
                    begun.set()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        assert begun.wait(20)
        yield
    finally:
        done.set()
        thread.join()


def send_until_refused(page: Page) -> str:
    """Send messages until one is refused, for one may slip through; return that one's text."""
    refused = page.get_by_text("Too many tries").first
    for number in range(20):
        text = f"Number {number}."
        board.send(page, text)
        expect(refused.or_(board.message(page, text)).first).to_be_visible()
        if refused.is_visible():
            return text
        expect(board.composer(page)).to_have_value("")
    raise AssertionError("None was refused.")


def test_what_alice_posts_bob_sees_at_once(nginx: Nginx, new_page: NewPage) -> None:
    alice, bob = (new_page(TLS_URL, ignore_https_errors=True) for _ in range(2))
    for page, name in ((alice, "alice"), (bob, "bob")):
        type_sign_in(page, name)
        board.is_live(page)
    (protocol,) = alice.evaluate(
        "performance.getEntriesByType('navigation').map((entry) => entry.nextHopProtocol)"
    )
    assert protocol == "h2"
    board.post(alice, "Hello Bob")
    board.shows(bob, "Hello Bob")
    board.post(bob, "Hello Alice")
    board.shows(alice, "Hello Bob", "Hello Alice")
    board.shows_what_a_reload_shows(alice)


@pytest.mark.parametrize("server", [{"PUBLIC_URL": f"{TLS_URL}/team/board"}], indirect=True)
def test_a_board_below_a_path_of_a_shared_address(
    server: Server, new_page: NewPage, faults: Faults
) -> None:
    there = f"{TLS_URL}/team/board"
    with running(server.port, certificate=True, base="/team/board"):
        page = new_page(f"{there}/", ignore_https_errors=True)
        type_sign_in(page, "alice", there)
        board.is_live(page)
        board.post(page, "Hello")
        board.shows_what_a_reload_shows(page)
        page.get_by_role("searchbox").fill("hello")
        expect(page).to_have_url(f"{there}/msgs?q=hello")
        board.shows(page, "Hello")
        page.locator(".menu-button", has_text="alice").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(f"{there}/")
        server.stop()
        faults.allow(*REFUSED)
        page.reload()
        expect(page.get_by_role("link", name="Back to the board")).to_have_css("font-weight", "500")
        page.get_by_role("link", name="Back to the board").click()
        expect(page).to_have_url(f"{there}/")


def test_a_message_that_comes_too_soon_keeps_its_text(
    nginx: Nginx, new_page: NewPage, faults: Faults
) -> None:
    faults.allow(*REFUSED)
    alice = new_page(TLS_URL, ignore_https_errors=True)
    type_sign_in(alice, "alice")
    board.is_live(alice)
    refused = alice.get_by_role("alert").filter(has_text="Too many tries")
    with used_up():
        text = send_until_refused(alice)
        expect(refused).to_have_text(
            "Too many tries. Wait a little, then try again. Try again in 1 second."
        )
    expect(board.composer(alice)).to_have_value(text)
    board.is_live(alice)  # streams are not counted
    alice.wait_for_timeout(1000)
    alice.get_by_role("button", name="Send").click()
    expect(board.message(alice, text)).to_have_count(1)
    expect(refused).to_have_count(0)


def test_a_sign_in_that_comes_too_soon_keeps_the_name(
    nginx: Nginx, new_page: NewPage, faults: Faults
) -> None:
    faults.allow(*REFUSED)
    page = new_page(TLS_URL, ignore_https_errors=True)
    with used_up("POST", "/api/login"):
        type_sign_in(page, "alice")
        expect(page.get_by_role("alert")).to_contain_text("Too many tries. Wait a little")
        expect(page.get_by_label("Username")).to_have_value("alice")
        expect(page.get_by_label("Password")).to_have_value(PASSWORD)


def test_without_javascript_a_reload_sends_it_again(
    nginx: Nginx, new_page: NewPage, faults: Faults
) -> None:
    faults.allow(*REFUSED)
    alice = new_page(TLS_URL, ignore_https_errors=True, java_script_enabled=False)
    type_sign_in(alice, "alice")
    with used_up():
        text = send_until_refused(alice)
        expect(alice.get_by_role("heading", name="Too many tries")).to_be_visible()
        expect(alice.get_by_role("main")).to_contain_text("let the browser send again")
    alice.wait_for_timeout(1000)
    alice.reload()
    expect(board.message(alice, text)).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_board_that_is_away_looks_like_the_boards(
    nginx: Nginx, server: Server, new_page: NewPage, faults: Faults, scheme: str
) -> None:
    faults.allow(*REFUSED, "status of 404")
    page = new_page(TLS_URL, ignore_https_errors=True, color_scheme=scheme)
    page.goto("/nowhere")
    looks = """() => [
      getComputedStyle(document.documentElement).backgroundColor,
      getComputedStyle(document.querySelector("h1")).color,
      getComputedStyle(document.querySelector("h1")).fontFamily,
      getComputedStyle(document.querySelector("h1")).fontSize,
    ]"""
    boards = page.evaluate(looks)
    server.kill()
    page.reload()
    expect(page.get_by_role("heading", name="The board is away for a moment")).to_be_visible()
    assert page.evaluate(looks) == boards
    keep_screenshot(page, f"away-{scheme}")
    server.start()
    page.get_by_role("link", name="Back to the board").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
