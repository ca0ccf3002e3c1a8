"""Fixtures of the browser tests: one Chromium, and for everybody a context of their own.

Every page is watched: console errors, uncaught errors and violations of the Content Security Policy
fail the test, unless it has allowed just those.
"""

import os
import shutil
from collections.abc import Callable, Generator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from service.accounts import accounts
from tests.browser import flaws
from tests.browser.board import TIMEOUT, is_live
from tests.browser.faults import WATCH_POLICY, Faults
from tests.browser.network import Cable
from tests.browser.screenshots import keep_screenshots
from tests.browser.seen import said_of
from tests.lasting import empty_board, lasting_servers
from tests.people import PASSWORD, Person, add_person, post
from tests.servers import Server

# The first is the same engine without a window, and takes a third less of the processor.
NAMES = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

FAILED = pytest.StashKey[bool]()

expect.set_options(timeout=TIMEOUT)


# Of the package, not the session: while it is open, asyncio.run() fails in this thread.
@pytest.fixture(scope="package")
def browser() -> Generator[Browser]:
    """Yield a running Chromium; skip where there is none, but never in CI."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = "no Chromium is installed; on Debian: apt install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def faults() -> Generator[Faults]:
    """Yield the collected faults; whatever a test has not allowed fails it."""
    faults = Faults()
    yield faults
    assert faults.found() == []


@pytest.fixture(autouse=True)
def shown_to_axe(request: pytest.FixtureRequest) -> Generator[None]:
    """Hold a test to what it says of the pages that it shows to axe."""
    flaws.SHOWN.clear()
    yield
    if not request.node.stash.get(FAILED, True):  # it has run, and did not fail
        assert said_of(request.function) - flaws.SHOWN == set(), "said, and not shown"


@pytest.fixture(scope="session")
def servers(
    migrated: dict[str, str], postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Callable[[str], Server]]:
    """Return a function that returns the browser's one server on a kind of database."""
    with lasting_servers(migrated, postgres, tmp_path_factory.mktemp("servers")) as server_on:
        yield server_on


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, servers: Callable[[str], Server]) -> str:
    """Return the URL of the database of the package's server, SQLite unless a test wants both."""
    return servers(request.param).environ["DATABASE_URL"]


@pytest.fixture
def server(database_url: str, database: None, servers: Callable[[str], Server]) -> Server:
    """Return a running server whose board is empty: to start one for each test takes too long."""
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    empty_board()
    server = servers(kind)
    if server.process is None or server.process.poll() is not None:
        server.start()
    return server


@pytest.fixture
def new_page(
    browser: Browser, server: Server, faults: Faults, request: pytest.FixtureRequest
) -> Generator[Callable[..., Page]]:
    """Return a function that opens an empty page in a context of its own."""
    contexts: list[BrowserContext] = []

    def new_page(url: str = "", **options: Any) -> Page:
        context = browser.new_context(base_url=url or server.url, **options)
        context.set_default_timeout(TIMEOUT)
        if options.get("java_script_enabled", True):
            context.add_init_script(WATCH_POLICY)
        faults.watch(context)
        contexts.append(context)
        return context.new_page()

    yield new_page
    for number, context in enumerate(contexts):
        if request.node.stash.get(FAILED, False):
            keep_screenshots(context, f"failed-{request.node.name}-{number}")
        context.close()


def await_role(page: Page, name: str) -> None:
    """Wait until the server knows somebody's role: of whoever had their id before, it may not."""
    account = accounts.find(name)
    assert account
    for _ in range(30):
        if f'name="role" value="{account.role}"' in page.request.get("/msgs").text():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{name} is not shown as {account.role}")


@pytest.fixture
def open_board(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Return a function that opens the board for somebody signed in, and waits until it is live."""

    def open_board(name: str, zone: str = "UTC", **options: Any) -> Page:
        if accounts.find(name) is None:
            add_person(name)
        page = new_page(timezone_id=zone, **options)
        fields = {"username": name, "password": PASSWORD, "user_timezone": zone}
        answer = page.request.post("/api/login", data=fields)
        assert answer.ok, answer.text()
        await_role(page, name)
        page.goto("/msgs")
        if options.get("java_script_enabled", True):
            is_live(page)
        return page

    return open_board


@pytest.fixture
def program(server: Server) -> Callable[[str], Person]:
    """Return a function that signs somebody in from elsewhere, without a browser."""

    def program(name: str) -> Person:
        if accounts.find(name) is None:
            add_person(name)
        return server.sign_in(name, PASSWORD)

    return program


@pytest.fixture
def lunches(open_board: Callable[..., Page], program: Callable[[str], Person]) -> Page:
    """Return Alice's board, on which Bob has written of lunch and of dinner."""
    bob = program("bob")
    for text in ("Lunch at noon", "Dinner at eight", "A late lunch"):
        post(bob, text)
    return open_board("alice")


@pytest.fixture
def cable(server: Server) -> Generator[Cable]:
    """Yield a connection to the board that can be cut."""
    cable = Cable(server.port)
    yield cable
    cable.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, Any]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
