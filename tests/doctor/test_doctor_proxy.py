"""The doctor asks the board's public address, through proxies of every kind."""

import gzip
import zlib
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from service.access import begun, sessions
from service.access.audit import OPERATOR
from service.access.identity import Identity
from service.accounts import accounts
from service.data import db
from service.data.tables import AuditEntry, Session
from service.doctor import proxy as proxy_check
from service.mine import rows
from service.people import people
from tests.databases import BOTH
from tests.lasting import empty_board, lasting_servers
from tests.patient import Ask, sessions_made
from tests.people import ONE_DATABASE
from tests.reverse_proxy import ReverseProxy, make_certificate, proxied
from tests.servers import KEY, Server

STREAM = {"Content-Type": "text/event-stream"}
GZIP = STREAM | {"Content-Encoding": "gzip"}


@pytest.fixture(scope="module")
def servers(
    migrated: dict[str, str], postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Callable[[str], Server]]:
    """Yield a function that returns this module's one server on a kind of database."""
    folder = tmp_path_factory.mktemp("servers")
    with lasting_servers(migrated, postgres, folder, TRUSTED_PROXIES="127.0.0.1") as server_on:
        yield server_on


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, servers: Callable[[str], Server]) -> str:
    return servers(request.param).environ["DATABASE_URL"]


@pytest.fixture(autouse=True)
def emptied(database: None) -> None:
    empty_board()


@pytest.fixture
def server(database_url: str, servers: Callable[[str], Server]) -> Server:
    server = servers("sqlite" if database_url.startswith("sqlite") else "postgresql")
    if server.process is None:
        server.start()
    return server


# All is well.


def test_a_board_without_a_proxy(server: Server, ask: Ask) -> None:
    assert ask(server.url) == [f"{server.url}, streams pass unbuffered"]
    assert sessions_made() == 1


@ONE_DATABASE
def test_whoever_it_reads_as_sees_nothing_of_that(
    server: Server, ask: Ask, account: accounts.Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even if it is killed before it ends its session."""
    monkeypatch.setattr(sessions, "end", lambda *_: None)
    monkeypatch.setattr(begun, "MOST_OPEN", 1)
    own = sessions.start(account.id, account.password_hash, "UTC", "Firefox")
    me = Identity(account.id, account.username, "UTC", own.session_id)
    ask(server.url)
    with db.read():
        assert len(list(rows.sessions(me))) == 1
        assert Session.select().where(Session.ended_at.is_null()).count() == 2
        assert not AuditEntry.select().exists()


@ONE_DATABASE
def test_a_good_proxy(server: Server, ask: Ask) -> None:
    with proxied(ReverseProxy(server.port)) as proxy:
        assert ask(f" {proxy.url.upper()}/ ") == [f"{proxy.url}, streams pass unbuffered"]
        assert [path.partition(" ")[0] for path in proxy.asked] == [
            *("/healthz", "/api/messages", "/api/messages", "/api/login", "/api/events"),
        ]


@ONE_DATABASE
def test_a_good_proxy_with_https(
    server: Server, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_certificate(tmp_path / "localhost.pem")
    with proxied(ReverseProxy(server.port, "https"), tmp_path / "localhost.pem") as proxy:
        (finding,) = ask(proxy.url)
        assert finding.startswith(
            f"The certificate of localhost:{proxy.port} is not accepted (self"
        )
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        assert ask(proxy.url) == [f"{proxy.url}, streams pass unbuffered"]


@ONE_DATABASE
def test_https_where_there_is_none(server: Server, ask: Ask) -> None:
    (finding,) = ask(server.url.replace("http:", "https:"))
    assert finding.startswith(f"127.0.0.1:{server.port} does not speak HTTPS: ")


@ONE_DATABASE
def test_a_public_address_without_https_is_not_signed_in_to(
    server: Server, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address, public in (
        *(("127.0.0.1", False), ("10.1.2.3", False), ("fd00::1", False), ("::1", False)),
        *(("1.1.1.1", True), ("2606:4700::1111", True)),
    ):
        assert proxy_check.is_public(address) == public
    monkeypatch.setattr(proxy_check, "is_public", lambda _: True)
    with proxied(ReverseProxy(server.port)) as proxy:
        (finding,) = ask(proxy.url)
        assert finding.startswith(f"{proxy.url} is public without HTTPS, passwords can be read")
        assert proxy.asked == ["/healthz"]
    assert sessions_made() == 0


@ONE_DATABASE
def test_the_board_there_is_another_one(server: Server, ask: Ask) -> None:
    (finding,) = ask(server.url, SECRET_KEY="another-" + KEY)
    assert finding.startswith(
        f"The board at {server.url} is another one, or has another SECRET_KEY"
    )


@ONE_DATABASE
def test_a_board_that_nobody_can_sign_in_to(
    server: Server, ask: Ask, account: accounts.Account
) -> None:
    people.disable(OPERATOR, account.id)
    (finding,) = ask(server.url)
    assert finding.startswith("Nobody can sign in, so streams can't be tried: add a user with ")


# What proxies change.


@ONE_DATABASE
def test_a_proxy_that_changes_the_host(server: Server, ask: Ask) -> None:
    with proxied(ReverseProxy(server.port, headers={"Host": "127.0.0.1"})) as proxy:
        (finding,) = ask(proxy.url)
    assert finding.startswith(
        f"The board takes {proxy.url} for another site and refuses every post"
    )
    assert "Host header" in finding


@ONE_DATABASE
def test_a_proxy_that_tells_of_no_https(
    server: Server, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_certificate(tmp_path / "localhost.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
    proxy = ReverseProxy(server.port, "https", headers={"X-Forwarded-Proto": "http"})
    with proxied(proxy, tmp_path / "localhost.pem"):
        (finding,) = ask(proxy.url)
    assert finding.startswith(f"The board takes {proxy.url} for http, so it refuses every post: ")
    assert "TRUSTED_PROXIES" in finding


@ONE_DATABASE
def test_a_proxy_that_passes_no_posts(server: Server, ask: Ask) -> None:
    proxy = ReverseProxy(server.port, answers={"/api/login": (405, {}, b"")})
    with proxied(proxy):
        (finding,) = ask(proxy.url)
    assert finding.startswith(
        f"An empty sign-in at {proxy.url} is answered with 405 instead of 422"
    )


@ONE_DATABASE
def test_a_proxy_that_guards_messages(server: Server, ask: Ask) -> None:
    proxy = ReverseProxy(server.port, answers={"/api/messages": (403, {}, b"")})
    with proxied(proxy):
        (finding,) = ask(proxy.url)
    assert finding.startswith(f"{proxy.url} answers 403 to a signed-in reader: ")


# Streams.


def test_a_proxy_that_holds_streams_back(server: Server, ask: Ask) -> None:
    ask(server.url)  # the first stream ends once the server sees that its board was emptied
    with proxied(ReverseProxy(server.port, buffers=True)) as proxy:
        (finding,) = ask(proxy.url)
    assert finding == (
        f"The proxy at {proxy.url} holds streams back, no frame came in 1 s: "
        "turn its buffering and compression off for /api/events."
    )


@ONE_DATABASE
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, {"Content-Type": "text/html"}, b""), "is answered with 200 and text/html: "),
        (
            (503, {"Content-Type": "text/event-stream"}, b"id: a.1\n\n"),
            "is answered with 503 and text/event-stream: ",
        ),
        (
            (200, {"Content-Type": "text/event-stream"}, b": hello"),
            "ends a stream before its first",
        ),
        ((200, STREAM, b":" * 70_000), "sends a stream without frames: "),
        ((200, GZIP, b"id: a.1\n\n"), "calls a stream gzip that is none: "),
        ((200, GZIP, gzip.compress(b":" * 10_000_000)), "sends a stream without frames: "),
    ],
)
def test_a_proxy_that_answers_for_the_stream(
    server: Server, ask: Ask, answer: tuple[int, dict[str, str], bytes], expected: str
) -> None:
    proxy = ReverseProxy(server.port, answers={"/api/events": answer})
    with proxied(proxy):
        (finding,) = ask(proxy.url)
    assert expected in finding


@ONE_DATABASE
def test_a_proxy_that_drips_is_not_waited_for(server: Server, ask: Ask) -> None:
    answers = {"/api/events": (200, STREAM, b":" * 100)}
    with proxied(ReverseProxy(server.port, answers=answers, pause=0.05)) as proxy:
        (finding,) = ask(proxy.url)
    assert "holds streams back, no frame came in 1 s: " in finding


@ONE_DATABASE
def test_a_frame_that_is_compressed_is_seen(server: Server, ask: Ask) -> None:
    zipper = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    frame = zipper.compress(b"id: a.1\n\n") + zipper.flush(zlib.Z_SYNC_FLUSH)
    proxy = ReverseProxy(server.port, answers={"/api/events": (200, GZIP, frame)})
    with proxied(proxy):
        assert ask(proxy.url) == [f"{proxy.url}, streams pass unbuffered"]
