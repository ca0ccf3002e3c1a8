"""The clusters that the kubeconfig knows."""

import os
from pathlib import Path
from typing import Any

import click
import yaml

HOW = "name one with --context, or make one on this machine with `pdm run up --kind`"


def choose(wanted: str) -> str:
    """Return the context to deploy to: the wanted one, or else the current one."""
    known, current = _read()
    if not known:
        raise click.ClickException(f"No Kubernetes cluster is configured here: {HOW}.")
    chosen = wanted or current
    if not chosen:
        raise click.ClickException(f"No cluster is the current one: {HOW}.")
    if chosen not in known:
        raise click.ClickException(
            f"The kubeconfig has no context {chosen}, but {', '.join(sorted(known))}."
        )
    return chosen


def files() -> str:
    """Return the kubeconfig's files, as they are written on a PATH."""
    return os.environ.get("KUBECONFIG") or str(Path("~/.kube/config").expanduser())


def _read() -> tuple[set[str], str]:
    """Return the names of all contexts, and the current one's; the first file to say it counts."""
    known: set[str] = set()
    current = ""
    for name in filter(None, files().split(os.pathsep)):
        content = _content(Path(name))
        known |= {context["name"] for context in content.get("contexts") or []}
        current = current or content.get("current-context") or ""
    return known, current


def _content(file: Path) -> dict[str, Any]:
    try:
        return yaml.safe_load(file.read_text()) or {}
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        raise click.ClickException(f"{file} can't be read as a kubeconfig.") from None
