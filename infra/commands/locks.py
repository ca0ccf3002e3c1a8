"""The lock of a stack: lifted when whoever took it is dead, told of when not."""

import re
import socket
from dataclasses import dataclass
from datetime import datetime

import psutil

BACKEND = "PULUMI_BACKEND_URL"
TAKEN = re.compile(r"created by (?P<user>.+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")
LOCAL = "file://"  # elsewhere two machines may have the same name
CLOCK_ERROR = 5  # seconds by which a process's start may be told wrongly


@dataclass(frozen=True)
class Lock:
    """Who took it, and when."""

    user: str
    host: str
    pid: int
    since: datetime

    def __str__(self) -> str:
        return f"process {self.pid} of {self.user} on {self.host}, since {self.since:%F %T %Z}"

    @property
    def is_left(self) -> bool:
        """Whether its process was one of this machine and is no more."""
        if self.host != socket.gethostname():
            return False
        try:
            process = psutil.Process(self.pid)
            # A younger process has the number by now.
            younger = process.create_time() > self.since.timestamp() + CLOCK_ERROR
            return younger or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True


def read(output: str) -> list[Lock]:
    """Return the locks that pulumi tells of; none where a service keeps them."""
    return [
        Lock(who["user"], who["host"], int(who["pid"]), datetime.fromisoformat(who["since"]))
        for who in TAKEN.finditer(output)
    ]


def left(output: str, backend: str) -> list[Lock]:
    """Return the locks that pulumi tells of, if all were left by processes that are dead."""
    locks = read(output)
    return locks if backend.startswith(LOCAL) and all(lock.is_left for lock in locks) else []


def sentence(name: str, output: str) -> str:
    """Return who holds the stack, and what to do."""
    holders = "; ".join(map(str, read(output)))
    return (
        f"Something is changing stack {name} already{holders and f': {holders}'}. "
        f"If it was killed, run `pulumi cancel --stack {name}` in infra/."
    )
