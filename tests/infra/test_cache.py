"""The Redis or Valkey of a deployment, in its three kinds; the server's own is tried on Redis."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from redis import Redis as Client

from service.base.redis_url import redis_url
from service.base.shared import Shared
from tests.infra.objects import Object, environment, files, of_kind, one, pod, pods
from tests.infra.scenarios import REDIS_URL, deployed
from tests.servers import free_port, within

REDIS = shutil.which("redis-server")
real = pytest.mark.skipif(not REDIS, reason="there is no redis-server to stand in for Valkey")
FULL = 8_000  # values of ten kilobytes: more than it may hold


def url() -> str:
    return one(deployed("valkey"), "Secret", "redis-url")["stringData"]["redis-url"]


@dataclass(frozen=True)
class Valkey:
    """The server as its pod starts it, but for its port and its folders."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    def cli(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        command = ["valkey-cli", "-p", str(self.port), *words]
        path = {"PATH": f"{self.folder}:{os.environ['PATH']}", **environ}
        return subprocess.run(
            command, env=path, capture_output=True, text=True, timeout=20, check=False
        )

    def as_board(self, *words: str) -> str:
        known = redis_url(url())
        signed = self.cli("--user", known.user, *words, REDISCLI_AUTH=known.password)
        return signed.stdout.strip()

    def answers(self) -> bool:
        """Whether the pod's probes would find it alive."""
        asked = pod(deployed("valkey"), "valkey").containers[0]["livenessProbe"]["exec"]["command"]
        return self.cli(*asked[1:]).returncode == 0


@pytest.fixture
def valkey(tmp_path: Path) -> Generator[Valkey]:
    for name in ("server", "cli"):
        (tmp_path / f"valkey-{name}").symlink_to(shutil.which(f"redis-{name}") or "")
    users = one(deployed("valkey"), "Secret", "valkey-users")["stringData"]["users.acl"]
    (tmp_path / "users.acl").write_text(users)
    program, *arguments = pod(deployed("valkey"), "valkey").containers[0]["command"]
    here = [part.replace("/run/secrets/valkey", str(tmp_path)) for part in arguments]
    (tmp_path / "tmp").mkdir()
    here = [str(tmp_path / "tmp") if part == "/tmp" else part for part in here]  # noqa: S108
    port = free_port()
    process = subprocess.Popen(
        [tmp_path / program, *here, "--port", str(port), "--bind", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
    )
    started = Valkey(process, tmp_path, port)
    within(10, started.answers)
    yield started
    process.kill()
    process.wait()


@real
def test_the_board_wakes_and_counts_by_the_address_it_is_given(valkey: Valkey):
    here = replace(redis_url(url()), host="127.0.0.1", port=valkey.port)
    assert asyncio.run(Shared(here, "k" * 32).why_not()) == ""
    assert redis_url(url()).place == "valkey:6379"


@real
def test_the_board_may_do_nothing_else_there(valkey: Valkey):
    for command in ("flushall", "config get *", "keys *", "acl list", "get another", "shutdown"):
        assert valkey.as_board(*command.split()).startswith("NOPERM"), command


@real
def test_nobody_else_is_let_in_and_the_probes_need_no_password(valkey: Valkey):
    assert valkey.cli("get", "board:count").stdout.startswith("NOAUTH")
    assert "WRONGPASS" in valkey.cli("ping", REDISCLI_AUTH="board").stderr
    assert valkey.answers()
    valkey.process.kill()
    valkey.process.wait()
    assert not valkey.answers()


@real
def test_one_that_hangs_is_not_alive(valkey: Valkey):
    valkey.process.send_signal(signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(
            [valkey.folder / "valkey-cli", "-p", str(valkey.port), "ping"], timeout=1, check=False
        )


@real
def test_when_memory_is_short_old_counters_go_and_new_ones_are_taken(valkey: Valkey):
    known = redis_url(url())
    client = Client(port=valkey.port, username=known.user, password=known.password)
    with client.pipeline(transaction=False) as many:
        for number in range(FULL):
            many.set(f"board:{number}", "x" * 10_000, ex=number + 100)
        assert all(many.execute())
    assert None in [client.get(f"board:{number}") for number in range(100)]
    assert client.get(f"board:{FULL - 1}")


@real
def test_nothing_is_kept(valkey: Valkey):
    assert valkey.as_board("set", "board:count", "1") == "OK"
    valkey.process.terminate()
    assert valkey.process.wait(10) == 0
    assert list((valkey.folder / "tmp").iterdir()) == []


def test_without_one_nothing_of_it_is_there():
    objects = deployed("defaults")
    assert "redis" not in str(objects).lower()
    assert "valkey" not in str(objects).lower()


@pytest.mark.parametrize("name", ["valkey", "external"])
def test_the_board_finds_its_address_in_a_file_and_no_other_pod_does(name: str):
    objects = deployed(name)
    holding = [
        each.name
        for each in pods(objects)
        for container in each.containers
        if any("redis-url" in path for path in files(each, container, objects))
    ]
    assert holding == ["web"]
    (container,) = pod(objects, "web").containers
    assert environment(container, objects)["REDIS_URL_FILE"] == "/run/secrets/board/redis-url"


def test_an_external_one_is_used_as_it_is_named():
    objects = deployed("external")
    assert [each.name for each in pods(objects) if each.name == "valkey"] == []
    assert one(objects, "Secret", "redis-url")["stringData"]["redis-url"] == REDIS_URL


def claims(objects: list[Object]) -> dict[str, Object]:
    """Return claims by their names: they are asked for in no order."""
    found = of_kind(objects, "PersistentVolumeClaim")
    return {each["metadata"]["name"]: each for each in found}


def test_it_has_no_volume_and_knows_no_password():
    objects = deployed("valkey")
    assert (
        redis_url(url()).password
        not in one(objects, "Secret", "valkey-users")["stringData"]["users.acl"]
    )
    assert {
        kind for volume in pod(objects, "valkey").spec["volumes"] for kind in set(volume) - {"name"}
    } == {"secret", "emptyDir"}
    assert claims(objects) == claims(deployed("defaults"))
