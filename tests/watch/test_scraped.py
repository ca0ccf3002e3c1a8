"""`/metrics` as the supervising process serves it."""

import os
import shutil
import socket
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx2
import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from service.base import metrics
from service.watch import scraped
from tests.servers import answers, free_port, within

POSTED = "board_messages_posted_total"
OPEN = "board_streams_open"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scraped, "MEMORY", tmp_path / "none")
    return tmp_path


class Scraped:
    """A server of metrics, and what workers would have counted."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def count(self, pid: int, posted: int, streams: int = 0) -> None:
        for kind, name, value in (
            ("counter", POSTED, posted),
            ("gauge_livesum", OPEN, streams),
        ):
            file = MmapedDict(str(self.folder / f"{kind}_{pid}.db"))
            key = mmap_key(name.removesuffix("_total"), name, [], [], "Help.")
            file.write_value(key, float(value), 0.0)
            file.close()

    def ask(self, path: str = "/metrics", method: str = "GET", **headers: str) -> httpx2.Response:
        return httpx2.request(method, f"{self.url}{path}", headers=headers)

    def values(self) -> dict[str, float]:
        families = text_string_to_metric_families(self.ask().text)
        return {each.name: each.value for family in families for each in family.samples}


@contextmanager
def serving(host: str = "127.0.0.1") -> Generator[tuple[Scraped, scraped.Counts]]:
    port = free_port()
    shown = f"[{host}]" if ":" in host else host
    with scraped.served(host, port) as counts:
        yield Scraped(f"http://{shown}:{port}", Path(os.environ[metrics.FOLDER])), counts


def test_it_sums_what_the_workers_count(temporary: Path) -> None:
    with serving() as (server, _):
        server.count(101, posted=2, streams=3)
        server.count(102, posted=5, streams=4)
        assert server.values() == {POSTED: 7, OPEN: 7}


def test_it_speaks_both_of_prometheuss_languages(temporary: Path) -> None:
    with serving() as (server, _):
        server.count(101, posted=2)
        plain = server.ask(accept="*/*")
        assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
        asked = server.ask(accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
        assert asked.headers["content-type"].startswith("application/openmetrics-text")
        assert [each.name for each in openmetrics.text_string_to_metric_families(asked.text)]


def test_there_is_nothing_else(temporary: Path) -> None:
    with serving() as (server, _):
        assert [server.ask(path).status_code for path in ("/", "/metrics/", "/msgs")] == [404] * 3
        refused = server.ask(method="POST")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
        head = server.ask(method="HEAD")
        assert (head.status_code, head.content) == (200, b"")


def test_it_listens_at_an_ipv6_address(temporary: Path) -> None:
    with serving("::1") as (server, _):
        assert server.ask().status_code == 200


def test_a_worker_that_has_gone_leaves_its_counts_and_no_gauge(temporary: Path) -> None:
    with serving() as (server, counts):
        server.count(101, posted=2, streams=3)
        server.count(102, posted=5, streams=4)
        counts.bury(101)
        assert server.values() == {POSTED: 7, OPEN: 4}
        counts.bury(102)
        assert server.values() == {POSTED: 7}


def test_the_folder_does_not_grow_with_workers_that_are_killed(temporary: Path) -> None:
    with serving() as (server, counts):
        for pid in range(101, 141):
            server.count(pid, posted=1)
            (server.folder / f"histogram_{pid}.db").touch()  # killed as it began
            counts.bury(pid)
        assert server.values()[POSTED] == 40
        assert [file.name for file in server.folder.iterdir()] == ["counter_0.db"]


def test_the_folder_is_private_and_begins_and_ends_empty(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    left = temporary / f"board-metrics-{os.getuid()}-127.0.0.1-{port}"
    left.mkdir(0o700)
    (left / "counter_7.db").write_bytes(b"of an earlier run")
    with scraped.served("127.0.0.1", port):
        assert Path(os.environ[metrics.FOLDER]) == left
        assert (left.stat().st_mode & 0o777, list(left.iterdir())) == (0o700, [])
    assert list(temporary.iterdir()) == []
    assert metrics.FOLDER not in os.environ


@pytest.mark.skipif(not os.access(scraped.MEMORY, os.W_OK), reason="there is no memory to write to")
def test_the_folder_is_in_memory_as_a_full_disk_would_kill_whoever_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with serving() as (server, counts):
        server.count(101, posted=2)
        counts.bury(101)
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
        assert [str(server.folder.parent), "tmpfs"] in mounts
        assert list(tmp_path.iterdir()) == []
    assert not server.folder.exists()


def test_a_worker_starts_also_where_the_folder_was_removed_meanwhile(temporary: Path) -> None:
    with serving() as (server, _):
        shutil.rmtree(server.folder)
        metrics.begin()
        metrics.end()
        assert server.folder.is_dir()
        assert server.ask().status_code == 200


def test_a_folder_that_somebody_else_could_have_laid_there_is_refused(temporary: Path) -> None:
    port = free_port()
    trap = temporary / f"board-metrics-{os.getuid()}-127.0.0.1-{port}"
    (temporary / "precious").mkdir(0o700)
    (temporary / "precious" / "file").touch()
    trap.symlink_to(temporary / "precious")
    with pytest.raises(PermissionError), scraped.served("127.0.0.1", port):
        pass
    assert (temporary / "precious" / "file").exists()
    trap.unlink()
    trap.mkdir(0o777)
    trap.chmod(0o777)
    with pytest.raises(PermissionError), scraped.served("127.0.0.1", port):
        pass


def test_a_client_that_asks_nothing_keeps_nobody_waiting(temporary: Path) -> None:
    with serving() as (server, _):
        address = httpx2.URL(server.url)
        with closing(socket.create_connection((address.host, address.port or 0))):
            assert server.ask().status_code == 200


def test_clients_that_take_their_time_keep_it_for_a_while_only(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scraped, "PATIENCE", 2)  # in all; a client may be idle for longer
    with serving() as (server, _), ExitStack() as stack:
        address = httpx2.URL(server.url)
        for _ in range(scraped.AT_ONCE):
            place = address.host, address.port or 0
            stack.enter_context(socket.create_connection(place)).sendall(b"GET /metr")
        assert not answers(f"{server.url}/metrics")
        within(5, lambda: answers(f"{server.url}/metrics"))
    assert capfd.readouterr().err == ""


def test_what_can_t_be_read_is_said_and_does_not_end_it(
    temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving() as (server, _):
        (server.folder / "counter_7.db").write_bytes(b"\xff")
        assert server.ask().status_code == 500
        assert "the metrics can't be read" in caplog.text
        (server.folder / "counter_7.db").unlink()
        assert server.ask().status_code == 200
