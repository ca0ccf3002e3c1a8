"""Proxies: which are believed, and in what."""

import re
from collections.abc import Generator

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.base.config import Settings
from tests.people import (
    ONE_DATABASE,
    PROGRAM,
    new_client,
)


@pytest.fixture
def behind_proxies(database: None, database_url: str) -> Generator[TestClient]:
    settings = Settings(
        secret_keys=("k" * 32,),
        database_url=database_url,
        trusted_proxies=("10.0.0.1", "10.1.0.0/16", "fd00::/8"),
    )
    with TestClient(create_app(settings), base_url="http://board.test") as client:
        yield client


def forwarded(client: TestClient, address: str, **headers: str) -> tuple[bool, str]:
    """Return whether the request counted as HTTPS, and the address that was logged."""
    named = {f"x-forwarded-{name[1:]}": value for name, value in headers.items()}
    answer = new_client(client, address=address).get("/healthz", headers=named)
    return "strict-transport-security" in answer.headers, answer.headers["x-request-id"]


@ONE_DATABASE
def test_only_named_proxies_are_believed(
    behind_proxies: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "service.access")
    for address, chain, https, client in (
        ("10.0.0.1", "192.0.2.7", True, "192.0.2.7"),
        ("10.1.2.3", "192.0.2.7, 10.0.0.1", True, "192.0.2.7"),
        ("10.0.0.1", "1.2.3.4, 192.0.2.7", True, "192.0.2.7"),  # the client wrote 1.2.3.4
        ("10.0.0.2", "192.0.2.7", False, "10.0.0.2"),
        ("192.0.2.9", "10.0.0.1", False, "192.0.2.9"),
        ("fd00::1", "2001:db8::1", True, "2001:db8::1"),
        ("::ffff:10.0.0.1", "192.0.2.7", True, "192.0.2.7"),  # a socket for both kinds
        ("10.0.0.1", "192.0.2.7:4001", True, "192.0.2.7"),  # else each port had its own throttle
        ("10.0.0.1", "[2001:db8::1]:4001", True, "2001:db8::1"),
        ("10.0.0.1", "unknown", True, "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7, unknown, 10.1.0.9", True, "10.1.0.9"),
        ("10.0.0.1", "192.0.2.7, 10.1.0.9:4001", True, "192.0.2.7"),
        ("10.0.0.1", "10.1.0.7, 10.1.0.9", True, "10.1.0.7"),
    ):
        assert forwarded(behind_proxies, address, _for=chain, _proto="https")[0] is https
        assert vars(caplog.records[-1])["client"] == client


@ONE_DATABASE
@pytest.mark.parametrize(
    ("said", "https"),
    [
        (["https"], True),
        (["HTTPS"], True),
        (["wss"], True),
        (["https,http"], True),  # TLS ended at the first of two proxies
        (["Https , http, http"], True),
        (["https", "http"], True),
        ([", https"], True),
        (["http"], False),
        (["http,https"], False),
        (["httpss"], False),
        (["gopher,https"], False),
        ([""], False),
        ([], False),
    ],
)
@pytest.mark.parametrize("chain", ["192.0.2.7", "192.0.2.7, 10.1.0.9", ""])
def test_the_browsers_own_scheme_counts_however_a_proxy_writes_it(
    behind_proxies: TestClient, said: list[str], chain: str, https: bool
) -> None:
    headers = [("x-forwarded-proto", value) for value in said]
    headers += [("x-forwarded-for", chain)] if chain else []
    answer = new_client(behind_proxies, address="10.0.0.1").get("/healthz", headers=headers)
    assert ("strict-transport-security" in answer.headers) is https


@ONE_DATABASE
def test_without_a_named_proxy_nothing_is_believed(app_client: TestClient) -> None:
    for address in ("127.0.0.1", "10.0.0.1", "testclient", "::1"):
        https, _ = forwarded(app_client, address, _for="192.0.2.7", _proto="https")
        assert https is False


@ONE_DATABASE
def test_a_named_proxy_gives_a_request_its_id(behind_proxies: TestClient) -> None:
    given = "7f3a.B_c-9" * 6
    for address in ("10.0.0.1", "10.1.2.3", "fd00::1", "::ffff:10.0.0.1"):
        proxy = new_client(behind_proxies, address=address)
        answer = proxy.get("/nowhere", headers={**PROGRAM, "x-request-id": given})
        assert answer.headers["x-request-id"] == answer.json()["request_id"] == given


@ONE_DATABASE
def test_only_a_named_proxy_can_give_a_request_its_id(
    behind_proxies: TestClient, app_client: TestClient
) -> None:
    given = {"x-request-id": "a" * 16}
    for address in ("10.0.0.2", "192.0.2.9", "fe80::1", "testclient"):
        answer = new_client(behind_proxies, address=address).get("/healthz", headers=given)
        assert answer.headers["x-request-id"] != "a" * 16
    forwarded = given | {"x-forwarded-for": "10.0.0.1"}
    assert app_client.get("/healthz", headers=forwarded).headers["x-request-id"] != "a" * 16


@ONE_DATABASE
@pytest.mark.parametrize("given", ["", "short", "a" * 65, "1234567\n", '12345678"', "é" * 8])
def test_what_can_be_no_id_is_not_taken_for_one(behind_proxies: TestClient, given: str) -> None:
    proxy = new_client(behind_proxies, address="10.0.0.1")
    answer = proxy.get("/healthz", headers={b"x-request-id": given.encode("latin-1")})
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
