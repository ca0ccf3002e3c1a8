"""Fixtures: both databases, the people, an application in process, and real servers."""

import datetime as dt
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.access import ended, options, session_cookie, sessions, standing
from service.access.tokens import Signer
from service.accounts import accounts
from service.app import create_app
from service.base import clock
from service.base.config import Settings
from service.data import db, migrations
from service.messages import newest
from tests import lines, once
from tests.databases import BOTH, fresh_copy
from tests.mail.server import Received, mail_server
from tests.measuring import Measured, measuring
from tests.people import Person, add_person, new_client
from tests.postgresql import at_database, drop_spares, execute, private_server
from tests.redis_server import RedisServer, programs
from tests.servers import Server
from tests.streams import Board, running

# Pulumi's gRPC would speak in between, on the standard error of whatever a test starts.
os.environ |= {"GRPC_ENABLE_FORK_SUPPORT": "0", "GRPC_VERBOSITY": "NONE"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Start two workers more than there are processors: they wait for servers a good deal."""
    return (os.process_cpu_count() or 1) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mix the folders for the workers: what waits and what computes share the processors well."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        # The image takes longest: whoever has it begins with it.
        items.sort(key=lambda item: (item.path.name != "test_image.py", item.path.name))


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Generator[None]:
    with once.made():
        yield


@pytest.fixture(autouse=True)
def usual_umask() -> Generator[None]:
    """Let no command that ran in this process decide who may read what the next test makes."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session", autouse=True)
def known_secrets() -> Generator[None]:
    """Know what is secret, for the next one."""
    with pytest.MonkeyPatch.context() as patch:
        lines.begin(patch)
        yield


@pytest.fixture(autouse=True)
def only_good_lines(known_secrets: None) -> Generator[None]:
    """Let no test end well in which a line was logged that must not be."""
    with lines.watched():
        yield


@pytest.fixture(scope="session")
def postgres() -> Generator[str]:
    """Yield the URL of a real PostgreSQL: TEST_DATABASE_URL, or a private server in a folder."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="board-postgres-"))
    # Its lock is there; without this folder it would be in /tmp, and each worker wait for all.
    (folder / "run").mkdir(0o700)
    (folder / "run" / "python_PostgresServer").mkdir()
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "run"))
    (folder / "data").mkdir()
    with private_server(folder / "data") as url:
        execute(url, "ALTER SYSTEM SET fsync = off")  # it outlives no power cut
        execute(url, "SELECT pg_reload_conf()")
        yield url
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, str]]:
    """Yield a migrated database of each kind, to be copied for each test."""
    name = f"board_template_{secrets.token_hex(4)}"
    execute(postgres, f"CREATE DATABASE {name}")
    urls = {
        "sqlite": f"sqlite:///{tmp_path_factory.mktemp('migrated')}/board.sqlite3",
        "postgresql": at_database(postgres, name),
    }
    for url in urls.values():
        db.open_database(url)
        migrations.upgrade(db.database.obj)
        db.close_database()
    yield urls
    drop_spares(urls["postgresql"], postgres)
    execute(postgres, f"DROP DATABASE {name}")


@pytest.fixture(scope="session")
def redis_of(
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Callable[[str], RedisServer]]:
    """Return a function that returns the one lasting server of a program, such as redis-server."""
    made: dict[str, RedisServer] = {}

    def of(program: str) -> RedisServer:
        if program not in made:
            made[program] = RedisServer(program, tmp_path_factory.mktemp("redis"))
            made[program].start()
        return made[program]

    yield of
    for server in made.values():
        server.kill()


@pytest.fixture(params=programs())
def lasting_redis(
    request: pytest.FixtureRequest, redis_of: Callable[[str], RedisServer]
) -> RedisServer:
    """Return a Redis that stays as it is; a board has names of its own in it, by its key."""
    return redis_of(request.param)


@pytest.fixture(params=programs())
def redis_server(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[RedisServer]:
    """Yield a Redis of the test's own, which it may kill, hang and start again."""
    server = RedisServer(request.param, tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=BOTH)
def database_url(
    request: pytest.FixtureRequest, migrated: dict[str, str], postgres: str, tmp_path: Path
) -> Generator[str]:
    """Yield the URL of a fresh, migrated database: each test runs on SQLite and PostgreSQL."""
    with fresh_copy(migrated[request.param], postgres, tmp_path) as url:
        yield url


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, postgres: str, tmp_path: Path) -> Generator[str]:
    """Yield the URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/board.sqlite3"
        return
    name = f"board_{secrets.token_hex(6)}"
    execute(postgres, f"CREATE DATABASE {name}")
    yield at_database(postgres, name)
    execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=BOTH)
def other_url(request: pytest.FixtureRequest, postgres: str, tmp_path: Path) -> Generator[str]:
    """Yield the URL of a second database, empty, of each kind: a board may move there."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/other.sqlite3"
        return
    name = f"board_{secrets.token_hex(6)}"
    execute(postgres, f"CREATE DATABASE {name}")
    yield at_database(postgres, name)
    execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def measured() -> Generator[Measured]:
    """Yield what is measured; asked for before the application, it sees how that begins."""
    with measuring() as measured:
        yield measured


@pytest.fixture
def database(database_url: str) -> Generator[None]:
    """Open the fresh database in this process."""
    db.open_database(database_url)
    ended.sessions.__init__()
    yield
    db.close_database()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        secret_keys=(secrets.token_urlsafe(48),),
        database_url=database_url,
        changes_per_minute=1_000_000,  # no person types as fast as a test
    )


@pytest.fixture
def account(database: None) -> accounts.Account:
    """Alice's account, where no client has a part in it."""
    return add_person("alice")


@pytest.fixture
def other_account(database: None) -> accounts.Account:
    """Bob's."""
    return add_person("bob")


@pytest.fixture
def app_client(database: None, settings: Settings) -> Generator[TestClient]:
    """Yield a client of a running application that nobody has signed in to."""
    with TestClient(create_app(settings), base_url="http://board.test") as client:
        yield client


@pytest.fixture
def sign_in(app_client: TestClient, settings: Settings) -> Callable[..., Person]:
    """Return a function that signs somebody in, without the time a password takes."""
    signer = Signer(settings.secret_keys)

    def sign_in(name: str, zone: str = "UTC", role: str = "member", **how: str) -> Person:
        account = accounts.find(name) or add_person(name, role)
        claims = sessions.start(account.id, account.password_hash, zone, "A test")
        person = new_client(app_client, **how)
        cookie = session_cookie.name(signer, str(person.base_url.scheme))
        person.cookies.set(cookie, signer.sign(claims), domain="board.test")
        return person

    return sign_in


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    """Alice owns what a test is about."""
    return sign_in("alice")


@pytest.fixture
def bob(sign_in: Callable[..., Person]) -> Person:
    """Bob is another member."""
    return sign_in("bob")


@pytest.fixture
def charlie(sign_in: Callable[..., Person]) -> Person:
    """Charlie may sign in, and has nothing to do with what a test is about."""
    return sign_in("charlie")


@pytest.fixture
def admin(sign_in: Callable[..., Person]) -> Person:
    """Ada is an admin."""
    return sign_in("ada", role="admin")


@pytest.fixture
def moderator(sign_in: Callable[..., Person]) -> Person:
    """Mo is a moderator."""
    return sign_in("mo", role="moderator")


@pytest.fixture
def guest(sign_in: Callable[..., Person]) -> Person:
    """Gus may read."""
    return sign_in("gus", role="guest")


@pytest.fixture
def visitor(app_client: TestClient) -> Person:
    """Somebody without an account."""
    return new_client(app_client)


@pytest.fixture
def received() -> Generator[Received]:
    """Yield what a mail server on this machine receives."""
    with mail_server() as received:
        yield received


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that moves the clock on: `later(minutes=31)`."""
    real = clock.now

    def move(**by: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + dt.timedelta(**by))

    return move


@pytest.fixture
def believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was read a moment ago be believed, however slow the machine is."""
    for module in (ended, newest, options, standing):
        monkeypatch.setattr(module, "TRUSTED_FOR", 1000.0)


@pytest.fixture
def start_server(database_url: str, tmp_path: Path) -> Generator[Callable[..., Server]]:
    """Return a function that starts a real server on the fresh database."""
    servers: list[Server] = []

    def start(command: str = "serve", *, wait: bool = True, **environ: str) -> Server:
        server = Server(database_url, tmp_path / f"server-{len(servers)}.log", environ)
        server.command = command
        servers.append(server)
        server.launch()
        if wait:
            server.await_ready()
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    return start_server()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def board(database: None, settings: Settings) -> AsyncGenerator[Board]:
    """Yield an application that runs in the test's own event loop."""
    db.close_database()  # the application opens its own
    async with running(create_app(settings)) as board:
        yield board
