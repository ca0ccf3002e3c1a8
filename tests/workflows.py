"""The workflows, read: their jobs, steps and commands."""

import functools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.servers import PROJECT

GITHUB = PROJECT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted(GITHUB.glob("actions/*/action.yml"))
Job = dict[str, Any]


@functools.cache
def read(file: Path) -> dict[str, Any]:
    return YAML(typ="safe").load(file)


def jobs() -> dict[tuple[str, str], Job]:
    """Return every job there is, by its workflow and its own name."""
    return {
        (file.stem, name): job for file in WORKFLOWS for name, job in read(file)["jobs"].items()
    }


def steps(name: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield the steps of one workflow, or of all."""
    for (workflow, _), job in jobs().items():
        if name in {None, workflow}:
            yield from job.get("steps", [])


def commands(name: str) -> list[list[str]]:
    """Return each `pdm` that a workflow runs, word by word, for each entry of the matrices."""
    found: list[list[str]] = []
    for (workflow, _), job in jobs().items():
        for entry in job.get("strategy", {}).get("matrix", {}).get("include", [{}]):
            for step in job.get("steps", []):
                script = step.get("run", "") if workflow == name else ""
                for variable, value in step.get("env", {}).items():
                    script = script.replace(f"${variable}", _filled(str(value), entry))
                lines = re.findall(r"\.pdm/bin/pdm .*", script)
                found += [words for words in map(shlex.split, lines) if words not in found]
    return found


def _filled(value: str, entry: dict[str, Any]) -> str:
    for name, content in entry.items():
        value = value.replace(f"${{{{ matrix.{name} }}}}", str(content))
    return value
