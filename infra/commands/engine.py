"""Pulumi's command line as a process of ours: heard to its end, and stopped in an orderly way."""

import os
import signal
import subprocess
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import RLock
from types import FrameType
from typing import IO, Any, NoReturn, cast

import click
import psutil
from pulumi.automation import CommandResult, PulumiCommand, Stack
from pulumi.automation.errors import ConcurrentUpdateError, create_command_error

from infra.commands import locks

STOPPING = "Stopping: what has begun is brought to an end first. Ctrl-C again ends at once."
STOPPED = "Stopped. The same command goes on from here."
ENDED = (
    "Ended at once, so something may be half done. "
    "The same command looks after that, and goes on from here."
)
ASKS_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Tell = Callable[[str], Any]


class Stopped(click.ClickException):
    """A signal stopped the engine."""

    exit_code = 130  # a shell's for Ctrl-C


class Engine(PulumiCommand):
    """The pulumi command, of which one runs at a time.

    It runs in a session of its own: a terminal's Ctrl-C reaches us alone, and the engine is told
    once. A second time would make it drop everything, unwritten.
    """

    def __init__(self) -> None:
        super().__init__()
        self._process: subprocess.Popen[str] | None = None
        self._told = False
        self._presses = 0
        self._stopped: click.ClickException | None = None
        self._one = RLock()  # a signal may come while it is held

    def interrupt(self, reason: click.ClickException) -> None:
        """Ask the engine for its own orderly end, upon which `run` raises this reason.

        Any thread may call it, more than once: the first reason counts.
        """
        with self._one:
            self._stopped = self._stopped or reason
            if self._process and not self._told:
                self._told = True
                self._process.send_signal(signal.SIGINT)

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Tell | None = None,
        on_error: Tell | None = None,
    ) -> CommandResult:
        """Return what the command said; raise why it was stopped, or the CommandError that fits.

        The lock that a killed process has left is no reason to fail.
        """
        try:
            return self._once(args, cwd, additional_env, on_output, on_error)
        except ConcurrentUpdateError as failure:
            if not (left := locks.left(str(failure), additional_env.get(locks.BACKEND, ""))):
                raise
        for lock in left:
            click.echo(f"Lifting the lock of a process that was killed ({lock}).")
        stack = args[args.index("--stack") + 1]
        self._once(["cancel", "--yes", "--stack", stack], cwd, additional_env)
        return self._once(args, cwd, additional_env, on_output, on_error)

    def _once(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Tell | None = None,
        on_error: Tell | None = None,
    ) -> CommandResult:
        environ = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        with (
            self._heeding_signals(),
            subprocess.Popen(
                [self.command, "--non-interactive", *args],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                cwd=cwd,
                env=environ,
                start_new_session=True,
            ) as process,
            ThreadPoolExecutor(2) as readers,
        ):
            self._begin(process)
            output = readers.submit(self._lines, process.stdout, on_output)
            errors = readers.submit(self._lines, process.stderr, on_error)
            said = [output.result(), errors.result()]
            process.wait()
        return self._end(CommandResult(*said, process.returncode))

    def _begin(self, process: subprocess.Popen[str]) -> None:
        with self._one:
            self._process, self._told = process, False
        if self._stopped:  # in the blink before there was a process
            self.interrupt(self._stopped)

    def _end(self, result: CommandResult) -> CommandResult:
        with self._one:
            self._process = None
        if self._stopped:
            raise self._stopped
        if result.code:
            raise create_command_error(result)
        return result

    def _lines(self, stream: IO[str] | None, tell: Tell | None) -> str:
        """Return all that the engine says there.

        When nobody can be told any more, because the terminal is closed, the engine is stopped,
        and still heard: it would wait for ever to be.
        """
        lines = []
        try:
            for line in stream or ():
                lines.append(line.rstrip())
                if tell:
                    tell(lines[-1])
        except BaseException as failure:
            self.interrupt(click.ClickException(f"Nobody can be told what happens: {failure}."))
            for _ in stream or ():
                pass
            raise
        return "\n".join(lines)

    @contextmanager
    def _heeding_signals(self) -> Generator[None]:
        """Turn Ctrl-C and its likes into `interrupt`, and the second one into an end at once."""
        # One that is ignored, as under nohup, stays so.
        heeded = [each for each in ASKS_TO_STOP if signal.getsignal(each) != signal.SIG_IGN]
        before = {each: signal.signal(each, self._heed) for each in heeded}
        try:
            yield
        finally:
            if not self._presses:  # else we end, and a second one must not spoil the last words
                for each, handler in before.items():
                    signal.signal(each, handler)

    def _heed(self, number: int, _: FrameType | None) -> None:
        self._presses += 1
        if self._presses > 1:
            self._end_at_once()
        self.interrupt(Stopped(STOPPED))
        if number != signal.SIGHUP:  # there is no terminal any more
            click.echo(STOPPING, err=True)

    def _end_at_once(self) -> NoReturn:
        """End the engine, the providers that it started in groups of their own, and ourselves."""
        if self._process:
            with suppress(psutil.NoSuchProcess):
                engine = psutil.Process(self._process.pid)
                engine.suspend()  # it starts no more
                for process in (*engine.children(recursive=True), engine):
                    with suppress(psutil.NoSuchProcess):
                        process.kill()
            click.echo(f"Error: {ENDED}", err=True)
        os._exit(Stopped.exit_code)


def engine_of(stack: Stack) -> Engine:
    """Return the engine that `open_stack` gave to this stack."""
    return cast("Engine", stack.workspace.pulumi_command)
