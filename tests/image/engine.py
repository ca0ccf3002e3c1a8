"""Buildah and Podman with a storage of their own, and the board in a container."""

import json
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.image import standin
from tests.people import PASSWORD
from tests.servers import PROJECT, answers, free_port

PROGRAMS = ("buildah", "podman", "runc", "debootstrap")
IMAGE = "localhost/board:test"
USER = "10001:10001"
LIMIT = 128 * 2**20  # bytes of memory
START_TIMEOUT = 30  # seconds


def _limit(kind: int, enough: int) -> str:
    """Return a limit that this machine allows, whatever its own may be."""
    allowed = resource.getrlimit(kind)[1]
    number = enough if allowed == resource.RLIM_INFINITY else min(enough, allowed)
    return f"{number}:{number}"


CONFIG = f"""
[containers]
log_driver = "k8s-file"
# By themselves Buildah and Podman would raise them, which is not allowed everywhere.
default_ulimits = [
    "nofile={_limit(resource.RLIMIT_NOFILE, 20_000)}",
    "nproc={_limit(resource.RLIMIT_NPROC, 4096)}",
]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
CONFINED = (
    # Podman asks systemd to run the health check, and not every machine has one.
    *("--no-healthcheck", "--network", "host"),
    *("--read-only", "--tmpfs", "/tmp", "--user", USER),  # noqa: S108
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", str(LIMIT)),
)


class Engine:
    """Builds and runs images; nothing of them is left on the machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        config = folder / "containers.conf"
        config.write_text(CONFIG)
        self.environ = {**os.environ, "CONTAINERS_CONF": str(config)}
        self.storage = ("--root", str(folder / "storage"), "--runroot", str(folder / "run"))
        self.quiet = ("--log-level", "error")  # what the board says must stand alone

    def __call__(
        self, program: str, *arguments: str, stdin: str = "", timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of Podman's or Buildah's and return how it went."""
        return subprocess.run(
            [program, *self.quiet, *self.storage, *arguments],
            cwd=self.folder,  # something of Podman's writes where it is started
            env=self.environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def did(self, program: str, *arguments: str, timeout: float = 60) -> str:
        """Run a command that must not fail, and return what it says."""
        done = self(program, *arguments, timeout=timeout)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout.strip()

    def make_base(self, name: str) -> None:
        """Make the stand-in for the image that is built from."""
        root = self.folder / "base"
        standin.make(root)
        packed = self.folder / "base.tar"
        subprocess.run(["tar", "-C", root, "-cf", packed, "."], check=True)
        shutil.rmtree(root)
        changes = [f"--change=ENV {name}={value}" for name, value in standin.variables().items()]
        self.did("podman", "import", *changes, str(packed), f"docker.io/library/{name}")
        packed.unlink()

    def build(self, **arguments: str) -> None:
        """Build the Dockerfile as it stands."""
        given = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        given += [f"--volume={source}:{target}" for target, source in standin.volumes().items()]
        command = ("bud", "--isolation", "chroot", "--pull-never", "--format", "docker")
        self.did(
            "buildah", *command, "--layers=false", "--tag", IMAGE, *given, str(PROJECT), timeout=800
        )

    def image(self) -> dict[str, Any]:
        return json.loads(self.did("podman", "image", "inspect", IMAGE))[0]

    def run(self, *command: str, options: tuple[str, ...] = (), stdin: str = "") -> Any:
        """Run a command of the board's in a container that is gone afterwards."""
        return self(
            "podman", "run", "-i", "--rm", *CONFINED, *options, IMAGE, *command, stdin=stdin
        )

    def close(self) -> None:
        self("podman", "rm", "--all", "--force", "--time", "0")
        self("podman", "image", "umount", "--all")
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for point in reversed(mounted):
            if point.startswith(f"{self.folder}/"):
                subprocess.run(["umount", "--lazy", point], check=False)
        shutil.rmtree(self.folder)


class Container:
    """`serve` in a container, on a port of this machine."""

    def __init__(self, engine: Engine, *options: str, **environ: str) -> None:
        self.engine = engine
        self.options = options
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.seconds_to_start = 0.0
        given = {"PORT": str(self.port), **environ}
        settings = [f"--env={name}={value}" for name, value in given.items()]
        started = time.monotonic()
        how = ("run", "--detach", *CONFINED, *options, *settings)
        self.id = engine.did("podman", *how, IMAGE)
        self._await_ready(started)

    def _await_ready(self, started: float) -> None:
        while not answers(f"{self.url}/readyz"):
            assert self.state["Running"], self.output()
            assert time.monotonic() < started + START_TIMEOUT, self.output()
            time.sleep(0.02)
        self.seconds_to_start = time.monotonic() - started

    @property
    def state(self) -> dict[str, Any]:
        return json.loads(self.engine.did("podman", "inspect", self.id))[0]["State"]

    @property
    def pid(self) -> int:
        return self.state["Pid"]

    def processes(self) -> list[int]:
        """Return the ids of all its processes, as this machine counts them."""
        listed = self.engine.did("podman", "top", self.id, "hpid")
        return [int(line) for line in listed.splitlines()[1:]]

    def health(self) -> subprocess.CompletedProcess[str]:
        """Do what the image says is to be done to check it."""
        _, *command = self.engine.image()["Healthcheck"]["Test"]
        return self.execute(*command)

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program inside it, beside the server, in the same memory."""
        return self.engine("podman", "exec", self.id, *command)

    def output(self) -> str:
        done = self.engine("podman", "logs", self.id)
        return done.stdout + done.stderr

    def peak_of_memory(self) -> int:
        """Return the bytes that were the most it ever used, files kept in memory included."""
        for line in Path(f"/proc/{self.pid}/cgroup").read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            if "memory" in kinds.split(","):
                return _number(f"/sys/fs/cgroup/memory{path}/memory.max_usage_in_bytes")
            if not kinds and Path(f"/sys/fs/cgroup{path}/memory.peak").exists():
                return _number(f"/sys/fs/cgroup{path}/memory.peak")
        raise AssertionError("Nobody counts its memory.")

    def memory(self) -> int:
        """Return the bytes of its processes alone, a shared one counted once."""
        found = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.processes())
        lines = (
            line for text in found for line in text.splitlines() if line.startswith("Pss_Anon:")
        )
        return sum(int(line.split()[1]) * 1024 for line in lines)

    def add(self, name: str) -> None:
        """Add a user, who has PASSWORD, from a container beside it: to hash takes memory, too."""
        done = self.engine.run("user", "add", name, options=self.options, stdin=PASSWORD)
        assert done.returncode == 0, done.stderr

    @contextmanager
    def sign_in(self, name: str) -> Generator[httpx2.Client]:
        """Yield a client that is signed in."""
        login = {"username": name, "password": PASSWORD, "user_timezone": "UTC"}
        with httpx2.Client(base_url=self.url, timeout=20) as client:
            assert client.post("/api/login", json=login).is_success
            yield client

    def stop(self) -> float:
        """Stop it as an engine does; return the seconds it took."""
        started = time.monotonic()
        self.engine.did("podman", "stop", "--time", "20", self.id)
        return time.monotonic() - started

    def remove(self) -> None:
        self.engine.did("podman", "rm", "--force", "--time", "0", self.id)


def _number(path: str) -> int:
    return int(Path(path).read_text())
