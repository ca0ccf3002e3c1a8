"""Signing in through a provider, with nginx and its HTTPS in between."""

from collections.abc import Generator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from service.oidc import flow
from tests.databases import fresh_copy
from tests.nginx.proxy import TLS_URL, Nginx, running
from tests.oidc.mocked import Provider
from tests.people import PAGE
from tests.servers import Server

HERE = {"sec-fetch-site": "same-origin", **PAGE}


@pytest.fixture(scope="module")
def provider() -> Generator[Provider]:
    made = Provider()
    made.come()
    yield made
    made.go()


@pytest.fixture(scope="module")
def board(
    migrated: dict[str, str],
    postgres: str,
    provider: Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Server]:
    """Yield an empty board that takes whoever comes from the provider for an admin."""
    environ = {
        "TRUSTED_PROXIES": "127.0.0.1",
        "PUBLIC_URL": TLS_URL,
        "OIDC_CORP_ISSUER": provider.url,
        "OIDC_CORP_CLIENT_ID": "board",
        "OIDC_CORP_CLIENT_SECRET": "a secret of both",
        "OIDC_CORP_CREATE": "yes",
        "OIDC_CORP_DEFAULT_ROLE": "admin",
    }
    folder = tmp_path_factory.mktemp("provided")
    with fresh_copy(migrated["sqlite"], postgres, folder) as url:
        server = Server(url, folder / "server.log", environ)
        server.start()
        yield server
        server.close()


@pytest.fixture
def nginx(board: Server) -> Generator[Nginx]:
    with running(board.port, certificate=True) as nginx:
        yield nginx


def leave(browser: httpx2.Client) -> str:
    """Go to the provider, and return where the board sends people to."""
    sent = browser.get("/oidc/corp", headers=HERE)
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


def consent(address: str) -> str:
    """Let Ada sign in there, and return where the provider sends her back to."""
    return httpx2.post(address, data={"sub": "1"}).headers["location"]


def test_there_and_back_by_as_many_tabs_as_one_has(nginx: Nginx) -> None:
    """Their cookies, sealed each, are as much as a browser brings along."""
    browser = nginx.tls_client()
    ways = [leave(browser) for _ in range(flow.MOST + 2)]
    assert len(browser.cookies) == flow.MOST
    for way in ways[-flow.MOST :]:
        back = consent(way)
        assert back.startswith(f"{TLS_URL}/oidc/corp/callback?")
        answer = browser.get(back, headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/msgs")
    assert browser.get("/admin/people", headers=PAGE).status_code == 200


def test_no_line_holds_what_a_provider_sends_along(nginx: Nginx, board: Server) -> None:
    browser = nginx.tls_client()
    back = consent(leave(browser))
    answer = browser.get(back, headers=PAGE)
    assert nginx.logged(answer.headers["x-request-id"])["url.path"] == "/oidc/corp/callback"
    written = str(nginx.access()) + nginx.errors() + board.log.read_text()
    for secret in parse_qs(urlsplit(back).query)["code"] + parse_qs(urlsplit(back).query)["state"]:
        assert secret not in written


def test_sign_outs_that_a_provider_tells_of_pass_many_at_a_time(nginx: Nginx) -> None:
    """As when everybody goes home: all come from the provider's own address."""
    provider = nginx.tls_client()
    for _ in range(60):
        told = provider.post("/oidc/corp/logout", data={"logout_token": "no token"})
        assert told.status_code == 400
    assert nginx.logged(told.headers["x-request-id"])["nginx.limit_req"] == "PASSED"
