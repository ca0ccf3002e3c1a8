"""What people see while the engine runs: our lines, or all of its own."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import click
from pulumi import automation

from infra.commands.cluster import Cluster
from infra.commands.engine import engine_of
from infra.commands.progress import Progress
from infra.commands.stack import plain_failures
from infra.commands.watcher import Watcher

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
            self.end(f"Nobody can be told what happens: {failure}.")

    def end(self, reason: str) -> None:
        """End the engine in order, and the command with this reason."""
        self.progress.stopping = True
        self._engine.interrupt(click.ClickException(reason))

    def _line(self, line: str) -> None:
        if not self._verbose:
            self.say(line)


@contextmanager
def shown(
    stack: automation.Stack,
    *,
    watched: tuple[Cluster, list[str]] | None = None,
    planning: bool = False,
) -> Generator[Show]:
    """Show what the engine does, and say in a sentence why it failed.

    Meanwhile the watched namespaces of a cluster are looked at every two seconds.
    """
    show = Show(stack, planning=planning)
    cluster, namespaces = watched or (None, [])
    watchers = [Watcher(cluster, each, show.say, show.end) for each in namespaces if cluster]

    def look() -> None:
        show.progress.tick()
        for watcher in watchers:
            watcher.look(show.progress)

    def cause(output: str) -> str:
        seen = (watcher.why(show.progress) for watcher in watchers)
        return next(filter(None, seen), "") or show.progress.cause(output)

    with plain_failures(stack.name, cause), _every_beat(look):
        yield show
    show.say(show.progress.summary())


@contextmanager
def _every_beat(look: Callable[[], object]) -> Generator[None]:
    over = Event()

    def beat() -> None:
        while not over.wait(BEAT):
            look()

    thread = Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
