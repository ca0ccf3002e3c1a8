"""How workers are waited for."""

import os
import time
from typing import Any

import pytest

from service.commands.supervisor import Supervisor, Worker


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
    worker = supervisor._spawn_worker(idx=0, target=time.sleep, callback_loader=None)
    assert isinstance(worker, Worker)
    worker.inner._args = (60,)
    worker.start()
    worker.terminate()
    worker.join(10)
    assert not worker.is_alive()
