"""The image, built from the Dockerfile as it stands and run as it should be: confined.

CI has no Docker and no registry, so Debian's Buildah builds on a stand-in and Podman runs what
comes of it. Somebody with Docker needs none of this.
"""

import json
import os
import shutil
import stat
import time
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from service import __version__
from tests import people
from tests.image import network
from tests.image.engine import LIMIT, USER, Container, Engine
from tests.image.making import CREATED, MEBIBYTE, SOURCE, UNWANTED, commit, note, walk
from tests.postgresql import at_database, execute
from tests.proxy import Proxy
from tests.reverse_proxy import make_certificate
from tests.servers import KEY, free_port
from tests.streams import open_stream

pytestmark = pytest.mark.timeout(1200)  # the first test builds

COMPRESSED = 60 * MEBIBYTE
AT_WORK = 80 * MEBIBYTE  # the rest is for commands beside the server, and for files
PAGES = 51
POSTS = 20
DATABASE = "database.board.test"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
TRUST = "sslrootcert=system"


def test_it_names_the_commit_it_was_built_from(image: Engine) -> None:
    said = image.run("--version").stdout.splitlines()
    assert said[:2] == [f"htmx-fastapi-service {__version__}", f"commit {commit()}"]


def test_it_says_how_it_is_to_be_run(image: Engine) -> None:
    told = image.image()["Config"]
    assert told["User"] == USER
    assert told["Entrypoint"] == ["/app/htmx-fastapi-service"]
    assert told["Cmd"] == ["serve"]
    assert told["StopSignal"] == "SIGTERM"
    assert told["ExposedPorts"] == {"8000/tcp": {}}
    assert told["Volumes"] == {"/data": {}}
    assert {"HOST=0.0.0.0", "DATA_DIR=/data"} <= set(told["Env"])
    checked = image.image()["Healthcheck"]
    assert checked["Test"] == ["CMD", "/app/htmx-fastapi-service", "health"]
    assert checked["Interval"] == 30e9  # nanoseconds
    assert checked["StartPeriod"] == 60e9


def test_it_says_what_it_is(image: Engine) -> None:
    prefix = "org.opencontainers.image."
    labels = image.image()["Config"]["Labels"]
    told = {name.removeprefix(prefix): text for name, text in labels.items() if prefix in name}
    assert told.pop("title") == "HTMX-FastAPI Service"
    assert told.pop("description")
    assert told == {
        "licenses": "MIT",
        "version": __version__,
        "revision": commit(),
        "created": CREATED,
        "source": SOURCE,
    }


def test_the_image_is_small(image: Engine) -> None:
    saved = image.folder / "saved"
    image.did("buildah", "push", "localhost/board:test", f"oci:{saved}:board")
    size = sum(blob.stat().st_size for blob in (saved / "blobs/sha256").iterdir())
    shutil.rmtree(saved)
    note("MiB compressed", size / MEBIBYTE)
    assert size <= COMPRESSED


def test_it_holds_no_other_program(files: Path) -> None:
    names = [name for name, told in walk(files) if not stat.S_ISDIR(told.st_mode)]
    assert not [name for name in names if UNWANTED.fullmatch(name.rpartition("/")[2])]
    assert not [name for name, _ in walk(files) if name.endswith(("/bin", "/sbin", "/libexec"))]
    folders = {name.split("/")[1] for name in names}
    assert folders <= {"app", "etc", "lib", "lib64", "usr", "var"}
    assert {name.split("/")[2] for name in names if name.startswith("/usr/")} <= {"share", "lib"}


def test_its_user_owns_and_may_change_nothing_but_the_data(files: Path) -> None:
    odd = {}
    for name, told in walk(files):
        others_may_write = told.st_mode & 0o022 and not stat.S_ISLNK(told.st_mode)
        if told.st_uid or told.st_gid or others_may_write or told.st_mode & 0o6000:
            odd[name] = (told.st_uid, told.st_gid, stat.S_IMODE(told.st_mode))
    assert odd == {"/data": (10001, 10001, 0o700), "/tmp": (0, 0, 0o1777)}  # noqa: S108


def test_scanners_find_what_it_is_made_of(files: Path) -> None:
    bill = json.loads((files / "app/htmx-fastapi-service.cdx.json").read_text())
    assert "fastapi" in {component["name"] for component in bill["components"]}
    assert "ID=debian" in (files / "etc/os-release").read_text()
    packages = {path.name for path in (files / "var/lib/dpkg/status.d").iterdir()}
    assert {"ca-certificates", "libc6", "zlib1g"} <= packages


def test_people_read_what_others_post(board: Container, alice: httpx2.Client) -> None:
    board.add("bob")
    people.post(alice, "Lunch is at noon")
    with board.sign_in("bob") as bob:
        assert people.texts(bob) == ["Lunch is at noon"]
        assert "Lunch is at noon" in bob.get("/msgs").text


def test_the_container_runs_confined(board: Container) -> None:
    told = dict(
        line.split(":\t", 1)
        for line in Path(f"/proc/{board.pid}/status").read_text().splitlines()
        if ":\t" in line
    )
    assert set(told["Uid"].split()) == set(told["Gid"].split()) == {"10001"}
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(told[kind], 16) == 0
    assert told["NoNewPrivs"] == "1"
    mounts = Path(f"/proc/{board.pid}/mountinfo").read_text().splitlines()
    (root,) = [line.split() for line in mounts if line.split()[4] == "/"]
    assert "ro" in root[5].split(",")


def test_its_health_is_that_of_the_server(board: Container, image: Engine) -> None:
    well = board.health()
    assert (well.returncode, well.stdout) == (0, "The board is ready.\n")
    alone = image.run("health", options=(f"--env=PORT={free_port()}",))
    assert alone.returncode == 1
    assert alone.stderr.startswith("Error: No board answers at ")


def test_it_makes_its_first_admin_with_a_code_that_is_asked_for_inside(empty: Container) -> None:
    """As the README says: there is room for the command beside the server."""
    printed = empty.execute("/app/htmx-fastapi-service", "setup-code")
    assert printed.returncode == 0, printed.stderr
    sent = {"code": printed.stdout.strip(), "username": "ada", "password": people.PASSWORD}
    made = httpx2.post(f"{empty.url}/api/setup", json=sent, timeout=20)
    assert (made.status_code, made.json()["role"]) == (200, "admin")
    assert empty.peak_of_memory() <= LIMIT
    assert (empty.state["Running"], empty.state["OOMKilled"]) == (True, False)


def test_it_starts_and_works_within_its_memory(board: Container, alice: httpx2.Client) -> None:
    cursor = people.listed(alice)["cursor"]
    with ExitStack() as open_pages:
        pages = [open_pages.enter_context(open_stream(alice, cursor)) for _ in range(PAGES // 3)]
        for name in ("bob", "carol"):
            board.add(name)
            person = open_pages.enter_context(board.sign_in(name))
            at = people.listed(person)["cursor"]
            pages += [open_pages.enter_context(open_stream(person, at)) for _ in range(PAGES // 3)]
        for number in range(POSTS):
            people.post(alice, f"Message {number}")
            assert alice.get("/msgs").is_success
        for page in pages:
            assert [next(page).text for _ in range(POSTS)] == [
                f"Message {number}" for number in range(POSTS)
            ]
        assert board.health().returncode == 0
        used = board.memory()
        note("MiB of its own at work", used / MEBIBYTE)
        note("MiB at most", board.peak_of_memory() / MEBIBYTE)
        note("seconds to start", board.seconds_to_start)
        assert used <= AT_WORK
        assert board.peak_of_memory() <= LIMIT
        took = board.stop()
    note("seconds to stop", took)
    assert took < 5
    assert (board.state["ExitCode"], board.state["OOMKilled"]) == (0, False)
    assert "Stopped worker-1" in board.output()


def test_the_data_outlive_the_container(
    board: Container, alice: httpx2.Client, data: str, image: Engine
) -> None:
    people.post(alice, "Keep this")
    board.remove()
    after = Container(image, f"--volume={data}:/data")
    with httpx2.Client(base_url=after.url, cookies=alice.cookies) as still_signed_in:
        assert people.texts(still_signed_in) == ["Keep this"]
    after.remove()


def test_a_backup_is_written_from_another_container(
    board: Container, alice: httpx2.Client, data: str, image: Engine
) -> None:
    people.post(alice, "Save this")
    options = (f"--volume={data}:/data",)
    saved = image.run("backup", "/data/board.zip", options=options)
    assert saved.returncode == 0, saved.stderr
    checked = image.run("restore", "--check", "/data/board.zip", options=options)
    assert checked.returncode == 0


def test_without_a_key_it_says_how_to_make_one(image: Engine) -> None:
    refused = image.run("serve")
    assert refused.returncode == os.EX_CONFIG
    assert refused.stderr == (
        "Error: SECRET_KEY is not set. `htmx-fastapi-service init` makes one and keeps it in "
        "/data/secret-key.\n"
    )


@pytest.mark.parametrize("command", [("init",), ("serve",), ("user", "add", "alice")])
def test_a_folder_of_somebody_else_is_refused_in_a_sentence(
    image: Engine, tmp_path: Path, command: tuple[str, ...]
) -> None:
    options = (f"--volume={tmp_path}:/data", f"--env=SECRET_KEY={KEY}")
    refused = image.run(*command, options=options, stdin=people.PASSWORD)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ")
    assert refused.stderr.count("\n") == 1


def test_it_takes_secrets_from_files_and_finds_a_database_by_name_and_certificate(
    image: Engine, postgres: str, tmp_path: Path
) -> None:
    name = f"board_image_{time.time_ns()}"
    execute(postgres, f"CREATE DATABASE {name}")
    plain = Proxy(at_database(postgres, name))
    plain.mend()
    make_certificate(tmp_path / "certificate.pem", DATABASE)
    names, door = network.Names(DATABASE), network.Door(tmp_path / "certificate.pem", plain.port)
    with network.running(names, door):
        address = plain.url.replace(f"127.0.0.1:{plain.port}", f"{DATABASE}:{door.port}")
        secrets = {"SECRET_KEY": KEY, "DATABASE_URL": f"{address}?sslmode=verify-full&{TRUST}"}
        options = [f"--dns={network.NAME_SERVER}"]
        # The image's own file of authorities, with another content.
        options.append(f"--volume={tmp_path}/certificate.pem:/{CERTIFICATES}:ro")
        for setting, text in secrets.items():
            file = tmp_path / setting
            file.write_text(text)
            os.chown(file, 10001, 10001)
            file.chmod(0o400)
            options.append(f"--volume={file}:/run/secrets/{setting}:ro")
            options.append(f"--env={setting}_FILE=/run/secrets/{setting}")
        # Two workers do not fit into what one is given.
        options.append(f"--memory={2 * LIMIT}")
        board = Container(image, *options, WORKERS="2")
        board.add("alice")
        with board.sign_in("alice") as alice:
            people.post(alice, "From far away")
            assert people.texts(alice) == ["From far away"]
        assert len(board.processes()) == 3
        board.stop()
        assert board.state["ExitCode"] == 0
        board.remove()
    plain.cut()
    execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")
    assert names.asked
    assert door.entered
