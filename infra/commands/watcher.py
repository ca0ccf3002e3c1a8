"""Looks at the pods while the engine waits for them, and ends the waiting where it is in vain."""

import json
import time
from collections.abc import Callable
from typing import Any

from infra.commands.belongings import Seen
from infra.commands.cluster import Cluster, NoAnswer, Object
from infra.commands.progress import Progress, Step
from infra.commands.trouble import Trouble
from infra.commands.troubles import troubles

LISTS = {
    "pods": "api/v1/namespaces/{}/pods",
    "events": "api/v1/namespaces/{}/events",
    "claims": "api/v1/namespaces/{}/persistentvolumeclaims",
    "jobs": "apis/batch/v1/namespaces/{}/jobs",
    "replicasets": "apis/apps/v1/namespaces/{}/replicasets",
    "statefulsets": "apis/apps/v1/namespaces/{}/statefulsets",
}
LINES = 5  # of a log
REFUSED = {401, 403}


class Watcher:
    """Tells what is the matter with what `progress` waits for; `end` is called with a reason."""

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        tell: Callable[[str], Any],
        end: Callable[[str], Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._tell = tell
        self._end = end
        self._clock = clock
        self._since: dict[str, float] = {}
        self._told: set[str] = set()
        self._blind: set[str] = set()
        self._before: set[tuple[str, int]] | None = None  # what had happened before this run

    def look(self, progress: Progress) -> None:
        """Look once; call it every few seconds."""
        found = self._troubles(progress.waiting())
        now = self._clock()
        self._since = {each.about: self._since.get(each.about, now) for each in found}
        for trouble in found:
            lasted = now - self._since[trouble.about]
            if lasted >= min(trouble.quiet, trouble.patience):
                self._say(trouble)
            if lasted >= trouble.patience:
                self._end(self._whole(trouble))
                return

    def why(self, progress: Progress) -> str:
        """Return what is the matter with what failed, as far as it can be seen, or ""."""
        found = self._troubles(progress.failed)
        return self._whole(found[0]) if found else ""

    def _troubles(self, steps: list[Step]) -> list[Trouble]:
        seen = self._see()
        wanted = {(step.kind, step.name) for step in steps}
        return troubles(seen, wanted) if wanted else []

    def _see(self) -> Seen:
        """Return what is there now; what can't be read is left out, and said once if refused."""
        found = {}
        for kind, path in LISTS.items():
            try:
                found[kind] = self._cluster.objects(path.format(self._namespace))
            except NoAnswer as failure:
                if failure.status in REFUSED and kind not in self._blind:
                    self._blind.add(kind)
                    self._tell(f"  You may not read {kind} there, so their troubles stay unseen.")
        found["events"] = self._new(found.get("events", []))
        return Seen(**found)

    def _new(self, events: list[Object]) -> list[Object]:
        """Return the events since the first look."""
        if self._before is None:
            self._before = {_key(event) for event in events}
        return [event for event in events if _key(event) not in self._before]

    def _say(self, trouble: Trouble) -> None:
        if trouble.sentence in self._told:
            return
        self._told.add(trouble.sentence)
        self._tell(f"  {trouble.sentence.rstrip('.')}.")
        for line in self._log(trouble):
            self._tell(f"    | {line}")

    def _whole(self, trouble: Trouble) -> str:
        """Return the sentence with the last words of the program."""
        lines = self._log(trouble)
        return f"{trouble.sentence}: {_words(lines[-1])}" if lines else trouble.sentence

    def _log(self, trouble: Trouble) -> list[str]:
        if not trouble.pod:
            return []
        try:
            said = self._cluster.log(
                self._namespace, trouble.pod, before=trouble.before, lines=LINES
            )
        except NoAnswer:
            return []
        return [line for line in said.splitlines() if line.strip()]


def _key(event: Object) -> tuple[str, int]:
    return event["metadata"].get("uid", ""), event.get("count") or 0


def _words(line: str) -> str:
    """Return what a log line says, if it is one of the board's JSON."""
    try:
        return str(json.loads(line)["message"])
    except (ValueError, KeyError, TypeError):
        return line.strip()
