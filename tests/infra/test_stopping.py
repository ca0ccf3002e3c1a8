"""Ctrl-C during an `up`: the engine ends in order, or at once, and nothing of it is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from threading import Thread

import click
import psutil
import pytest

from infra.commands.engine import Engine
from infra.commands.program import FOLDER
from tests.infra.workplace import Workplace

# A shell starts what it puts in the background deaf to Ctrl-C, and so CI may be.
LIKE_A_SHELL = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
runpy.run_module("infra.commands", run_name="__main__", alter_sys=True)
"""


class Run:
    """An `up` in a process and a group of its own, as a shell in a terminal starts it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", LIKE_A_SHELL, "up", "--verbose", "--image", "board:1"],
            cwd=FOLDER.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.engine = self.wait_for("running ")

    def wait_for(self, start: str) -> list[psutil.Process]:
        """Wait until a line with this start is said; return the processes it names."""
        assert self.process.stdout
        said = next(line for line in self.process.stdout if line.startswith(start))
        return [psutil.Process(int(word)) for word in said.split() if word.isdigit()]

    def press_ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> tuple[int, str]:
        """Return the exit code and what was said since; no process of the engine's is left."""
        said, _ = self.process.communicate(timeout=20)
        _, alive = psutil.wait_procs(self.engine, timeout=5)
        assert not alive
        return self.process.returncode, said


@pytest.fixture
def run(here: Workplace) -> Generator[Run]:
    here.hold_up()
    run = Run()
    yield run
    for process in run.engine:
        if process.is_running():
            process.kill()
    run.process.kill()
    run.process.wait()


def terminate(run: Run) -> None:
    run.process.terminate()


@pytest.mark.parametrize("ask", [Run.press_ctrl_c, terminate])
def test_the_first_signal_waits_for_the_engine_to_end(
    here: Workplace, run: Run, ask: Callable[[Run], None]
):
    # In one group with us it would be told twice by a terminal, and drop everything.
    assert os.getpgid(run.engine[0].pid) != os.getpgid(run.process.pid)
    ask(run)
    assert run.end() == (
        130,
        "Stopping: what has begun is brought to an end first. Ctrl-C again ends at once.\n"
        "what had begun has ended\n"
        "Error: Stopped. The same command goes on from here.\n",
    )
    assert here.signals_to_the_engine == [signal.SIGINT]


def test_a_second_signal_ends_everything_at_once(here: Workplace, run: Run):
    here.hold_up(for_ever=True)
    run.press_ctrl_c()
    run.wait_for("Stopping: ")
    run.press_ctrl_c()
    assert run.end() == (
        130,
        "Error: Ended at once, so something may be half done. "
        "The same command looks after that, and goes on from here.\n",
    )


def test_a_closed_terminal_ends_the_engine_in_order(here: Workplace, run: Run):
    assert run.process.stdout
    run.process.stdout.close()
    run.process.send_signal(signal.SIGHUP)
    assert run.process.wait(20) != 0
    assert here.signals_to_the_engine == [signal.SIGINT]
    psutil.wait_procs(run.engine, timeout=5)


def test_a_watcher_may_end_the_engine_with_a_reason(here: Workplace):
    here.hold_up()
    engine = Engine()
    reason = click.ClickException("The image can't be pulled.")

    def watch(line: str) -> None:
        if line.startswith("running"):
            Thread(target=engine.interrupt, args=[reason]).start()

    with pytest.raises(click.ClickException) as stopped:
        engine.run(["up"], str(here.folder), {}, on_output=watch)
    assert stopped.value is reason
    assert here.signals_to_the_engine == [signal.SIGINT]
