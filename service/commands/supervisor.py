"""The process that starts the workers, and stops them."""

import signal
import threading
from collections.abc import Callable
from typing import Any, override

from granian.server.mp import MPServer, WorkerProcess


class Worker(WorkerProcess):
    """A worker that one thread alone waits for.

    Granian waits for it in two. The one that the system tells second takes a worker that has ended
    for one that refuses to, as long as the first has not noted its exit code.
    """

    parent: "Supervisor"
    _waiting: threading.Thread

    @override
    def start(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # until the worker obeys it
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    @override
    def _watch(self) -> None:
        self._waiting = threading.Thread(target=self._watcher)
        self._waiting.start()

    @override
    def _watcher(self) -> None:
        super()._watcher()
        self.parent.bury(self._id())

    @override
    def join(self, timeout: float | None = None) -> None:
        self._waiting.join(timeout)


def obey() -> None:
    """Let this worker be told to stop while it starts: it begins with its supervisor's handler."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


class Supervisor(MPServer):
    """Granian with such workers. `bury` is called with the id of each that has ended."""

    bury: Callable[[int], object] = staticmethod(lambda _: None)

    @override
    def _spawn_worker(self, *args: Any, **options: Any) -> WorkerProcess:
        worker = super()._spawn_worker(*args, **options)
        worker.__class__ = Worker  # it is made by name, and has not been started
        return worker
