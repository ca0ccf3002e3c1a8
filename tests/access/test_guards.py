"""What surrounds every request: headers, origins, limits, proxies, and failures."""

import re
from collections.abc import Generator

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.base.config import Settings
from service.base.errors import MAX_BODY
from service.messages import messages
from tests.people import (
    HTMX,
    ONE_DATABASE,
    PAGE,
    PROBLEM,
    PROGRAM,
    Person,
    SignIn,
    new_client,
    no_database,
    texts,
)

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}
FILE_HEADERS = {"x-content-type-options": "nosniff"}  # a file runs nothing by itself
EVERY_KIND = [
    ("GET", "/", 200),
    ("GET", "/docs", 200),
    ("GET", "/healthz", 200),
    ("GET", "/static/css/style.css", 200),
    ("GET", "/static/nothing.css", 404),
    ("POST", "/static/css/style.css", 405),
    ("GET", "/nothing", 404),
    ("PUT", "/msgs", 405),
    ("GET", "/msgs", 303),
    ("GET", "/api/events", 401),
    ("POST", "/api/message", 401),
    ("POST", "/api/login", 422),
    ("GET", "/api/logout", 200),
]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the board's list fail in a way nobody foresaw."""

    def fail(*_: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(messages, "newest", fail)


# Headers.


@ONE_DATABASE
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_kind_of_answer_carries_the_headers(app_client: TestClient, scheme: str) -> None:
    visitor = new_client(app_client, scheme)
    for method, path, status in EVERY_KIND:
        answer = visitor.request(method, path, headers=PAGE)
        assert answer.status_code == status, path
        kept = path.endswith("style.css") and status == 200
        expected = FILE_HEADERS if kept else HEADERS
        found = [pair for pair in answer.headers.multi_items() if pair[0] in HEADERS]
        assert sorted(found) == sorted(expected.items()), path
        assert answer.headers.get_list("strict-transport-security") == (
            ["max-age=31536000"] if scheme == "https" else []
        )
        assert len(answer.headers["x-request-id"]) == 16
        assert answer.headers["cache-control"] == ("no-cache" if kept else "no-store"), path
        assert "server" not in answer.headers


@ONE_DATABASE
def test_an_unforeseen_failure_carries_the_headers_and_tells_nothing(
    broken: None, alice: Person
) -> None:
    for caller in (PAGE, HTMX, PROGRAM):
        path = "/api/messages" if caller is PROGRAM else "/msgs"
        answer = alice.get(path, headers=caller)
        assert answer.status_code == 500
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "Something went wrong" in answer.text
        assert answer.headers["x-request-id"] in answer.text
        for trace in ("secret", "Traceback", "RuntimeError", "File "):
            assert trace not in answer.text


@ONE_DATABASE
def test_every_error_carries_the_requests_id(sign_in: SignIn, visitor: Person) -> None:
    ids = set()
    for person, method, path, status in (
        (visitor, "GET", "/nothing", 404),
        (visitor, "GET", "/static/nothing.css", 404),
        (visitor, "DELETE", "/msgs", 405),
        (visitor, "GET", "/api/events", 401),
        (visitor, "POST", "/api/message", 401),
        (sign_in("alice"), "POST", "/api/message", 422),
        (sign_in("alice"), "GET", "/api/messages?before=x", 422),
        (sign_in("alice"), "GET", "/msgs/1/edit", 404),
    ):
        answer = person.request(method, path, headers=PROGRAM)
        problem = answer.json()
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), path
        assert (problem["status"], problem["type"]) == (status, "about:blank")
        assert problem["request_id"] == answer.headers["x-request-id"]
        ids.add(problem["request_id"])
        page = person.request(method, path, headers=PAGE)
        if status != 401 and method != "POST":
            assert page.headers["x-request-id"] in page.text, path
    assert len(ids) == 8


# Origins.


def tries_to_post(person: Person, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return person.post("/api/message", json={"message": "Hi"}, headers=named).status_code


@ONE_DATABASE
@pytest.mark.usefixtures("account")
def test_another_origins_page_is_refused(alice: Person) -> None:
    for headers in (
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "origin": "http://board.test"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": "https://board.test"},
        {"origin": "http://board.test:8080"},
        {"origin": "http://board.test.evil.test"},
        {"origin": "http://www.board.test"},
        {"referer": "http://evil.test/http://board.test/"},
    ):
        assert tries_to_post(alice, **headers) == 403, headers
    assert texts(alice) == []


@ONE_DATABASE
def test_this_origins_page_and_a_program_are_allowed(alice: Person) -> None:
    for headers in (
        {},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": "http://board.test"},
        {"sec_fetch_site": "same-origin", "origin": "null"},
        {"referer": "http://board.test/msgs"},
    ):
        assert tries_to_post(alice, **headers) == 201, headers


@ONE_DATABASE
def test_another_origins_page_can_post_to_no_address(visitor: Person) -> None:
    for path in ("/api/login", "/api/account/sessions/end", "/nothing"):
        answer = visitor.post(path, headers=PAGE | {"origin": "http://evil.test"})
        assert answer.status_code == 403
    assert visitor.get("/", headers={"origin": "http://evil.test"}).status_code == 200


# Bodies.


@ONE_DATABASE
def test_a_body_over_64_kib_is_refused(alice: Person) -> None:
    form = PROGRAM | {"content-type": "application/x-www-form-urlencoded"}

    def body(size: int) -> bytes:
        return b"message=Hi&rest=".ljust(size, b"x")

    def chunks(size: int) -> Generator[bytes]:  # without a content-length
        for start in range(0, size, 5000):
            yield body(size)[start : start + 5000]

    for content in (body(MAX_BODY + 1), chunks(MAX_BODY + 1), body(2_000_000)):
        answer = alice.post("/api/message", content=content, headers=form)
        assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
    for path in ("/api/login", "/api/account/sessions/end", "/api/message/1/deletion"):
        answer = alice.post(path, content=body(MAX_BODY + 1), headers=PAGE)
        assert answer.status_code == 413, path
    assert texts(alice) == []
    for content in (body(MAX_BODY), chunks(MAX_BODY)):
        assert alice.post("/api/message", content=content, headers=form).status_code == 201


# Proxies.


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


# Addresses.


@ONE_DATABASE
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/msgs/", "/msgs"),
        ("/msgs/?q=a%26b", "/msgs?q=a%26b"),
        ("//msgs//", "/msgs"),
        ("/msgs/7/edit/", "/msgs/7/edit"),
        ("/docs/", "/docs"),
    ],
)
def test_a_slash_too_many_is_taken_away_on_whatever_host(
    visitor: Person, path: str, location: str
) -> None:
    headers = PAGE | {"host": "evil.test"}
    answer = visitor.get(f"http://board.test{path}", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (308, location)


@ONE_DATABASE
@pytest.mark.parametrize("path", ["//evil.test/", "/nothing/", "/msgs/x/", "/static/", "/api/"])
def test_a_slash_too_many_on_an_unknown_page_leads_nowhere(visitor: Person, path: str) -> None:
    answer = visitor.get(f"http://board.test{path}", headers=PAGE)
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


# A database that has gone.


@pytest.mark.parametrize("caller", [PAGE, HTMX, PROGRAM], ids=["page", "htmx", "program"])
def test_without_its_database_the_board_says_so_until_it_is_back(
    alice: Person, caller: dict[str, str]
) -> None:
    list_path = "/api/messages" if caller is PROGRAM else "/msgs"
    login = {"username": "alice", "password": "x"}
    with no_database():
        for method, path, data in (
            ("GET", list_path, None),
            ("POST", "/api/message", {"message": "Hi"}),
            ("POST", "/api/login", login),
        ):
            answer = alice.request(method, path, headers=caller, data=data)
            assert answer.status_code == 503, path
            assert answer.headers["retry-after"] == "5"
            assert "The board is away for a moment" in answer.text
            assert "127.0.0.1" not in answer.text
        assert alice.get("/healthz").status_code == 200
    assert alice.get(list_path, headers=caller).status_code == 200


@ONE_DATABASE
@pytest.mark.parametrize("header", ["origin", "referer"])
def test_an_origin_that_is_no_address_is_refused(alice: Person, header: str) -> None:
    answer = alice.post("/api/message", json={"message": "x"}, headers={header: "http://["})
    assert answer.status_code == 403


@ONE_DATABASE
@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_a_program_that_is_signed_out_gets_401(visitor: Person, accept: str) -> None:
    answer = visitor.get("/api/messages", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
