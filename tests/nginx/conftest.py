"""Fixtures of nginx's tests: one board for most of them, and a fresh nginx for each."""

from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

from service.data import db
from tests.databases import fresh_copy
from tests.nginx.proxy import Nginx, find_nginx, running
from tests.people import PASSWORD, Person, add_person
from tests.servers import Server

HERE = Path(__file__).parent
ALICE, BOB, VISITOR = "127.0.0.2", "127.0.0.3", "127.0.0.4"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:  # one at a time has nginx's ports, the others wait
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="package")
def server(
    migrated: dict[str, str], postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Server]:
    """Yield this package's one board, which trusts nginx; Alice and Bob are its users."""
    find_nginx()
    folder = tmp_path_factory.mktemp("behind-nginx")
    with fresh_copy(migrated["sqlite"], postgres, folder) as url:
        db.open_database(url)
        for name in ("alice", "bob"):
            add_person(name)
        db.close_database()
        environ = {"TRUSTED_PROXIES": "127.0.0.1"}
        server = Server(url, folder / "server.log", environ)
        server.start()
        yield server
        server.close()


@pytest.fixture(scope="package")
def cookies(server: Server) -> dict[str, httpx2.Cookies]:
    """Return the cookies of those who have signed in at the board itself."""
    return {name: server.sign_in(name, PASSWORD).cookies for name in ("alice", "bob")}


@pytest.fixture
def nginx(server: Server) -> Generator[Nginx]:
    with running(server.port) as nginx:
        yield nginx


@pytest.fixture
def alice(nginx: Nginx, cookies: dict[str, httpx2.Cookies]) -> Person:
    return nginx.client(ALICE, cookies["alice"])


@pytest.fixture
def bob(nginx: Nginx, cookies: dict[str, httpx2.Cookies]) -> Person:
    return nginx.client(BOB, cookies["bob"])


@pytest.fixture
def visitor(nginx: Nginx) -> Person:
    """Somebody without an account."""
    return nginx.client(VISITOR)
