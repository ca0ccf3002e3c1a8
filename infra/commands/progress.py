"""What the engine does, told in a line for each object when it is done."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import shorten
from threading import RLock
from typing import Any

from pulumi.automation.events import (
    DiagnosticEvent,
    EngineEvent,
    OpType,
    StepEventMetadata,
)

from infra.commands.causes import causes, known, sentence
from infra.commands.objects import counts, kind_of, name_of, value_at

PATIENCE = 10  # seconds after which it is said what is waited for
AGAIN = 30  # seconds after which it is said again
WIDTH = 46
WIDEST = 160  # of a reason, which can be a page
UNCHANGED = "unchanged"
BEFORE = "Refreshed resource is in an unhealthy state"  # what this run is for
DONE = {
    OpType.CREATE: "created",
    OpType.UPDATE: "changed",
    OpType.DELETE: "deleted",
    OpType.CREATE_REPLACEMENT: "made anew",
    OpType.DELETE_REPLACED: "deleted",
    OpType.IMPORT: "taken over",
    OpType.DISCARD: "forgotten",
}
COUNTED = {*DONE, OpType.SAME} - {OpType.DELETE_REPLACED}


@dataclass
class Step:
    """An object that the engine is at."""

    kind: str
    name: str
    began: float
    told: float
    why: str = ""
    of: StepEventMetadata = field(repr=False, kw_only=True)

    @property
    def what(self) -> str:
        return f"{self.kind} {self.name}"


class Progress:
    """Hears the engine's events, from any thread, and tells people of them in plain lines.

    With `planning` they tell what would be done. How many objects there are is `total`, once it is
    known; what failed is in `failed`.
    """

    def __init__(
        self,
        tell: Callable[[str], Any],
        *,
        planning: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = 0
        self.stopping = False  # then what fails, fails of that, and goes without saying
        self.failed: list[Step] = []
        self._tell = tell
        self._planning = planning
        self._clock = clock
        self._began = self._last = clock()
        self._steps: dict[str, Step] = {}
        self._finished: set[str] = set()
        self._counts: dict[str, int] = {}
        self._found: dict[str, StepEventMetadata] = {}  # changed by others
        self._warned: set[str] = set()
        self._failures: list[str] = []  # of objects
        self._faults: list[str] = []  # of the program, or of the engine itself
        self._one = RLock()

    def on_event(self, event: EngineEvent) -> None:
        with self._one:
            if event.resource_pre_event:
                self._begin(event.resource_pre_event.metadata)
            elif event.res_outputs_event:
                self._end(event.res_outputs_event.metadata)
            elif event.res_op_failed_event:
                self._fail(event.res_op_failed_event.metadata)
            elif event.diagnostic_event:
                self._note(event.diagnostic_event)

    def expect(self, objects: int) -> None:
        """Know how many objects there are."""
        self.total = objects

    def _say(self, line: str) -> None:
        self._last = self._clock()
        self._tell(line)

    def waiting(self) -> list[Step]:
        """Return what the engine is at now."""
        with self._one:
            return list(self._steps.values())

    def tick(self) -> None:
        """Tell what has been waited for so long that people wonder; call it every second or so."""
        now = self._clock()
        waiting = self.waiting()
        if not waiting and now >= self._last + PATIENCE:
            self._say(f"  Pulumi looks at what is there ({round(now - self._began)} s)")
        for step in waiting:
            if now >= step.told + (AGAIN if step.told > step.began else PATIENCE):
                step.told = now
                seconds = round(now - step.began)
                why = shorten(step.why or "Pulumi waits for it", WIDEST, placeholder=" …")
                self._say(f"  {step.what}: {why} ({seconds} s)")

    def summary(self) -> str:
        """Return how many objects became what, and how long it took."""
        words = sorted(self._counts, key=lambda word: word == UNCHANGED)
        parts = ", ".join(f"{self._counts[word]} {word}" for word in words)
        if self._planning:
            return f"It would be: {parts or 'nothing'}. Nothing is done yet."
        return f"{parts or 'Nothing to do'}, in {round(self._clock() - self._began)} s."

    def cause(self, output: str) -> str:
        """Return why the engine failed, as far as it has told; `output` is what it has printed."""
        told = self._failures[:1] or self._faults
        return known(output) or "\n".join(told) or sentence(output)

    def _begin(self, of: StepEventMetadata) -> None:
        if of.op in DONE and counts(of):
            now = self._clock()
            self._steps[of.urn] = Step(kind_of(of), name_of(of), now, now, of=of)

    def _end(self, of: StepEventMetadata) -> None:
        if not counts(of):
            return
        if of.op == OpType.REFRESH:
            self._look(of)
            return
        step = self._steps.pop(of.urn, None)
        if of.op in COUNTED:
            self._finished.add(of.urn)
        word = DONE.get(of.op, UNCHANGED if of.op == OpType.SAME else "")
        if word and of.op in COUNTED:
            self._counts[word] = self._counts.get(word, 0) + 1
        if of.op in DONE:
            self._say(self._line(of, step))
            self._tell_of_other_hands(of)

    def _line(self, of: StepEventMetadata, step: Step | None) -> str:
        what = f"{kind_of(of)} {name_of(of)}".ljust(WIDTH)
        if self._planning:
            paths = ", ".join(sorted(of.detailed_diff or {})) if of.op != OpType.CREATE else ""
            return f"{what}  would be {DONE[of.op]}{': ' if paths else ''}{paths}"
        seconds = round(self._clock() - step.began) if step else 0
        total = max(self.total, len(self._finished)) if self.total else 0
        number = f"{len(self._finished)} of {total}" if total else f"{len(self._finished)}"
        return f"{what}  {DONE[of.op]:<10} {seconds:>4} s  ({number})"

    def _look(self, of: StepEventMetadata) -> None:
        """Remember what a refresh found to be otherwise than it was left."""
        if of.detailed_diff or (of.old and not of.new):
            self._found[of.urn] = of

    def _tell_of_other_hands(self, of: StepEventMetadata) -> None:
        found = self._found.pop(of.urn, None)
        what = f"{kind_of(of)} {name_of(of)}"
        if not found:
            return
        if not found.new:
            self._say(f"  {what} had been deleted by other hands.")
            return
        for path in sorted({*(found.detailed_diff or {})} & {*(of.detailed_diff or {})}):
            self._say(f"  {what}: {_back(path, found, of)}")

    def _fail(self, of: StepEventMetadata) -> None:
        step = self._steps.pop(of.urn, None)
        if step:
            self.failed.append(step)
            seconds = round(self._clock() - step.began)
            self._say(f"{step.what.ljust(WIDTH)}  failed     {seconds:>4} s")

    def _note(self, said: DiagnosticEvent) -> None:
        lines = causes(said.message)
        step = self._steps.get(said.urn or "")
        if not lines or said.severity == "debug" or lines[0].startswith(BEFORE):
            return
        if said.severity == "error":
            self._fault([] if self.stopping else lines, step)
        elif step and said.ephemeral:
            step.why = lines[0]
        elif said.severity == "warning" and not said.ephemeral and lines[0] not in self._warned:
            self._warned.add(lines[0])
            about = f"{step.what}: " if step else ""
            self._say(f"  warning: {about}{lines[0]}")

    def _fault(self, lines: list[str], step: Step | None) -> None:
        for line in lines:
            if line in self._warned:
                continue
            self._warned.add(line)
            if step:
                self._failures.append(f"{step.what}: {line}")
                self._say(f"  {self._failures[-1]}")
            else:
                self._faults.append(line)  # it is said at the end


def _back(path: str, found: StepEventMetadata, of: StepEventMetadata) -> str:
    """Return what other hands had made of a field, and what it is now again."""
    was = value_at(found.new.outputs if found.new else None, path)
    now = value_at(of.new.inputs if of.new else None, path)
    plain = (str, int, float, bool)
    if kind_of(of) == "Secret" or not isinstance(now, plain) or not isinstance(was, plain):
        return f"{path} had been changed by other hands, and is as it should be again"
    return f"{path} was {was}, is {now} again"
