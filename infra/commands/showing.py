"""What people see while the engine runs: our lines, or all of its own."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import click
from pulumi import automation

from infra.commands.engine import engine_of
from infra.commands.progress import Progress
from infra.commands.stack import plain_failures

BEAT = 2  # seconds between two looks
VERBOSE = "infra.commands.verbose"


def _keep(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[VERBOSE] = value


verbosity = click.option(
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=_keep,
    help="Show all that the engine says.",
)


class Show:
    """What is shown of one run of the engine; `hooks` are for the stack's method."""

    def __init__(self, stack: automation.Stack, *, planning: bool = False) -> None:
        self._engine = engine_of(stack)
        self._verbose: bool = click.get_current_context().meta[VERBOSE]
        self.progress = Progress(self._line, planning=planning)

    @property
    def hooks(self) -> dict[str, Any]:
        output = click.echo if self._verbose else None
        return {"on_output": output, "on_event": self.progress.on_event}

    def say(self, line: str) -> None:
        """Tell people; when nobody can be told any more, end the engine in order."""
        try:
            click.echo(line)
        except OSError as failure:
            self._engine.interrupt(
                click.ClickException(f"Nobody can be told what happens: {failure}.")
            )

    def _line(self, line: str) -> None:
        if not self._verbose:
            self.say(line)


@contextmanager
def shown(
    stack: automation.Stack,
    *looks: Callable[[Show], object],
    planning: bool = False,
) -> Generator[Show]:
    """Show what the engine does, look every two seconds, and say in a sentence why it failed."""
    show = Show(stack, planning=planning)
    with plain_failures(stack.name, show.progress.cause), _every_beat(show, *looks):
        yield show
    show.say(show.progress.summary())


@contextmanager
def _every_beat(show: Show, *looks: Callable[[Show], object]) -> Generator[None]:
    over = Event()

    def beat() -> None:
        while not over.wait(BEAT):
            show.progress.tick()
            for look in looks:
                look(show)

    thread = Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
