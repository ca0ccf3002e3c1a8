"""How workers are waited for, and told to stop."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from service.commands.supervisor import Supervisor, Worker, obey
from tests.servers import Server, within


def sleep() -> None:
    obey()
    time.sleep(60)


def test_a_worker_that_has_ended_is_not_taken_for_one_that_refuses_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = os.waitstatus_to_exitcode

    def slowly(status: int) -> int:
        time.sleep(0.2)  # the thread that was told of the end is kept from noting it
        return real(status)

    monkeypatch.setattr(os, "waitstatus_to_exitcode", slowly)
    supervisor: Any = Supervisor("service.commands.running:load_app")
    supervisor._ipc = {0: (None, None)}
    supervisor._sso = None
    worker = supervisor._spawn_worker(idx=0, target=sleep, callback_loader=None)
    assert isinstance(worker, Worker)
    worker.inner._args = ()
    worker.start()
    worker.terminate()
    worker.join(10)
    assert not worker.is_alive()


def test_a_worker_that_starts_can_be_told_to_stop(
    database: None, start_server: Callable[..., Server]
) -> None:
    server = start_server(wait=False)
    within(20, lambda: bool(server.workers()))
    server.stop()
    assert not any("refused to gracefully stop" in line for line in server.messages())
