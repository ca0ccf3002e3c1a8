"""This release and one before on one database: 0.6.0 or 0.5.1 itself, from the history."""

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

from service import __version__
from service.base import clock
from service.data import db
from service.data.tables import Membership, Room, User
from service.messages import writing
from service.rooms.places import Place
from tests.data.beside import (
    Writer,
    as_known,
    check_stored,
    edit,
    everything,
    listed,
    post,
    replayed,
    told_after,
)
from tests.inside import run
from tests.people import ON_POSTGRESQL, PASSWORD, PROGRAM, add_person
from tests.released import unpack
from tests.servers import KEY, START_TIMEOUT, Server, environment, free_port

RELEASED = {
    "0.6.0": "6e62ac67cfa811c3696bdaae33561ff767a2f658",
    "0.5.1": "d60dd800a3625ad045e09c2a1b74f8e628312646",  # without rooms
}
BEFORE_GROUNDWORK = (
    "d1970e8377d9be6ec613221191a1573f6519f61d"  # 0.3.2, which would show private rooms to everybody
)


@pytest.fixture(scope="session", params=RELEASED)
def released(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a release before, called by its version."""
    return unpacked(RELEASED[request.param], tmp_path_factory.mktemp("released") / request.param)


def unpacked(revision: str, folder: Path) -> Path:
    """Return a folder with a release in it; skip the test if the history is not there."""
    try:
        unpack(revision, folder)
    except ValueError:
        pytest.skip("The release can't be had: this is no clone, or one without its history")
    return folder


@pytest.fixture
def servers(released: Path, database_url: str, tmp_path: Path) -> Generator[list[Server]]:
    """Yield a server of this release and one of the release before."""
    new, old = (Server(database_url, tmp_path / f"{name}.log", {}) for name in ("new", "old"))
    old.environ["LOG_FORMAT"] = "json"
    old.program, old.folder = [sys.executable, "-m", "service"], released
    new.start()  # migrates
    old.start()
    yield [new, old]
    for server in (new, old):
        server.close()


def run_released(folder: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=folder,
        env={**environment(), "DATABASE_URL": url, "SECRET_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT,
        check=False,
    )


@ON_POSTGRESQL
def test_both_serve_one_board_under_load(
    database: None, servers: list[Server], released: Path
) -> None:
    for name in ("alice", "bob"):
        add_person(name)
    versions = [
        httpx2.get(f"{server.url}/openapi.json").json()["info"]["version"] for server in servers
    ]
    assert versions == [__version__, released.name]
    clients = [server.sign_in(who, PASSWORD) for who in ("alice", "bob") for server in servers]
    start = clients[0].get("/api/messages", headers=PROGRAM).json()["cursor"]
    writers = [Writer(client, f"word{place}") for place, client in enumerate(clients)]
    secrets = post_privately()
    for writer in writers:
        writer.start()
    secrets += post_privately()
    for writer in writers:
        writer.join()
    assert [writer.failure for writer in writers] == [None] * 4
    check_stored()
    check_private(clients, secrets, start)
    wanted = {number: text for writer in writers for number, text in writer.there.items()}
    seen = [listed(client) for client in clients[:2]]
    assert seen[0] == seen[1]
    assert {each["id"]: each["text"] for each in seen[0]} == wanted
    # Each finds what the other wrote, and goes on from the other's cursor.
    for writer in writers:
        found = [listed(client, q=writer.name) for client in clients[:2]]
        assert found[0] == found[1]
        assert {each["id"] for each in found[0]} == set(writer.there)
    replays = [replayed(client, start) for client in clients[:2]]
    assert replays[0] == replays[1]
    check_edits_across(*clients)
    check_stored()
    untold = {"user"} if released.name == "0.5.1" else set()  # of all rooms
    check_names(*clients[:2], start, untold)
    check_replies(*clients[:2])


def check_names(new: httpx2.Client, old: httpx2.Client, start: str, untold: set[str]) -> None:
    """A new name is on what either shows, and told to the pages of both that know of it."""
    for client, name in ((old, "Ann"), (new, "Al")):
        assert client.post("/api/account/name", json={"display_name": name}).is_success
        shown = listed(new)
        assert shown == listed(old)
        assert name in {message["display_name"] for message in shown}
        told = [replayed(client, start) for client in (new, old)]
        heard, known = ([one for one in each if one[0] not in untold] for each in told)
        assert heard == known


def check_replies(new: httpx2.Client, old: httpx2.Client) -> None:
    """Where nobody knows of threads, a reply stands among the others; what else is told is not."""
    start = new.get("/api/messages", headers=PROGRAM).json()["cursor"]
    root = post(old, "Lunch?")["id"]
    answer = {"message": "Noodles"}
    reply = new.post(f"/api/message/{root}/reply", json=answer, headers=PROGRAM).json()["id"]
    said = [("posted", root), ("posted", reply)]
    for who, also in ((new, [("replied", root)]), (old, [])):
        told = told_after(who, start)["events"]
        assert [(each["kind"], each["id"]) for each in told] == said + also
    assert [listed(who)[0]["id"] for who in (new, old)] == [root, reply]
    assert everything(new)[0]["replies"]["count"] == 1
    assert old.post(f"/api/message/{reply}/deletion", headers=PROGRAM).is_success
    assert everything(new)[0]["replies"] is None


def post_privately() -> list[str]:
    """Let Alice write into a room of hers, as this release alone can; return what she wrote."""
    with db.write():
        found = Room.get_or_none(slug="quiet")
        room = found or Room.create(slug="quiet", kind="private", name="Quiet")
        alice = User.get(username="alice").id
        there = {"room": room, "user": alice}
        if not Membership.get_or_none(**there):
            Membership.create(**there, joined_at=clock.now())
    place = Place(room.id, room.slug)
    posted = [writing.post(alice, f"quiet{at} aside", place=place) for at in range(20)]
    numbers_there = [view.id for view in posted]
    assert numbers_there == list(range(numbers_there[0], numbers_there[0] + 20))
    return [view.text for view in posted]


def check_private(clients: list[httpx2.Client], secrets: list[str], start: str) -> None:
    """See that neither release shows the private room's messages to anybody at the first one's."""
    for client in clients:
        shown = [*everything(client), *everything(client, q="aside")]
        told = told_after(client, start)["events"]
        shown += [each["message"] for each in told if "message" in each]
        assert {each["text"] for each in shown}.isdisjoint(secrets)


def check_edits_across(
    alice_new: httpx2.Client,
    alice_old: httpx2.Client,
    bob_new: httpx2.Client,
    bob_old: httpx2.Client,
) -> None:
    """A message can be edited where it was not posted, by its author alone."""
    for here, there, stranger in ((alice_new, alice_old, bob_old), (alice_old, alice_new, bob_new)):
        posted = post(here, "Mine")
        edited = edit(there, posted["id"], "Mine still")
        assert (edited["id"], edited["text"]) == (posted["id"], "Mine still")
        assert edited["seq"] > posted["seq"]
        refused = stranger.post(
            f"/api/message/{posted['id']}/edit", json={"message": "Bob's"}, headers=PROGRAM
        )
        assert refused.status_code == 404
        assert listed(here)[0] == as_known(edited)


def test_either_restores_and_this_one_goes_on(
    released: Path, database: None, database_url: str, tmp_path: Path
) -> None:
    add_person("alice")
    for text in ("One", "Two"):
        writing.post(1, text)
    saved = [tmp_path / "old.zip", tmp_path / "new.zip"]
    done = run_released(released, database_url, "backup", str(saved[0]))
    assert done.returncode == 0, done.stderr
    assert run(database_url, "backup", str(saved[1])).returncode == 0
    for file in saved:
        assert run(database_url, "restore", "--replace", str(file)).returncode == 0
        check_stored()
    done = run_released(released, database_url, "restore", "--replace", str(saved[0]))
    assert done.returncode == 0, done.stderr
    assert run(database_url, "migrate").returncode == 0
    check_stored()
    assert writing.post(1, "Three").id == 3


def test_a_release_from_before_the_groundwork_refuses_to_start(
    database: None, database_url: str, tmp_path: Path
) -> None:
    older = unpacked(BEFORE_GROUNDWORK, tmp_path)
    for arguments in (["user", "list"], ["serve", "--port", str(free_port())]):
        done = run_released(older, database_url, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert "This database needs a newer release" in done.stderr
        assert "(it wants step 5 or later)" in done.stderr
