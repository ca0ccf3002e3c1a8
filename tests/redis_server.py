"""A Redis or Valkey of the tests' own, to be killed, hung and started again."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis as Client
from redis.exceptions import RedisError

from tests.servers import free_port, within

PROGRAMS = ("redis-server", "valkey-server")
PASSWORD = "s3cret"
START_TIMEOUT = 20  # seconds; the machine may be busy


def programs() -> Iterator[object]:
    """Yield what there is to test with, as parameters: Redis in any case, it may be missing."""
    for name in PROGRAMS:
        missing = shutil.which(name) is None
        if name == PROGRAMS[0] or not missing:
            skip = pytest.mark.skipif(missing, reason=f"there is no {name}")
            yield pytest.param(name, marks=skip)


class RedisServer:
    """A server on a port that stays the same; it keeps nothing over a start."""

    def __init__(self, program: str, folder: Path, **options: object) -> None:
        self.program = program
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}"
        self.place = f"127.0.0.1:{self.port}"
        self._folder = folder
        given = {"port": self.port, "bind": "127.0.0.1", "save": "", "dir": folder} | options
        given["requirepass"] = PASSWORD
        self._command = [program]
        for name, value in given.items():
            self._command += [f"--{name}", str(value)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / f"redis-{self.port}.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        within(START_TIMEOUT, self._answers)

    def client(self) -> Client:
        return Client.from_url(self.url)

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except RedisError:
            return False

    def hang(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Let it go without a word, if it is there."""
        if self._process:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _signal(self, number: int) -> None:
        assert self._process
        os.kill(self._process.pid, number)
