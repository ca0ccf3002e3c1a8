"""A machine with stand-ins for pulumi, kind, docker and kubectl, or without some of them."""

import json
import shutil
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result
from pytest import MonkeyPatch  # noqa: PT013, it is a type here

from infra.commands import kind, stack
from infra.commands.__main__ import main
from infra.commands.program import FOLDER
from tests.infra import stand_in
from tests.infra.api_server import ApiServer

TOOLS = ("pulumi", "kind", "docker", "kubectl")


def namespace(name: str, of: str, uid: str = "1") -> dict[str, Any]:
    """Return a namespace of a stack's state, as what component `of` the program has it made."""
    kind = "kubernetes:core/v1:Namespace"
    urn = f"urn:pulumi:board::htmx-fastapi::{of}${kind}::namespace"
    return {"type": kind, "urn": urn, "outputs": {"metadata": {"name": name, "uid": uid}}}


class Workplace:
    """A folder with programs, a kubeconfig, the stacks' settings, and notes of every call."""

    def __init__(self, folder: Path, monkeypatch: MonkeyPatch, api: ApiServer) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.api = api
        for namespace in ("there", "htmx-fastapi"):  # as the stand-in engine tells, or the real one
            api.serve_board(namespace)
        for name in ("bin", "home", "infra", "var"):
            (folder / name).mkdir()
        for name in TOOLS:
            self.install(name)
        shutil.copy(FOLDER / "Pulumi.yaml", folder / "infra")
        monkeypatch.setattr(stack, "FOLDER", folder / "infra")
        monkeypatch.setattr(kind, "CHECKOUT", folder)
        monkeypatch.setattr(kind, "KEPT_PASSPHRASE", folder / "var" / "kind-passphrase")
        (folder / "Dockerfile").touch()
        for name in ("PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_BACKEND_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PATH", str(folder / "bin"))
        monkeypatch.setenv("STAND_IN", str(folder / "home"))
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
        monkeypatch.setenv("KUBECONFIG", str(folder / "kubeconfig"))
        self.know_clusters("first", "second")

    def install(self, name: str) -> None:
        script = self.folder / "bin" / name
        # Without the environment's packages it starts in a blink; they are for the real program.
        lines = (
            "#!/bin/sh",
            '[ -e "$STAND_IN/for-real" ] || quick=-IS',
            f'exec "{sys.executable}" $quick "{stand_in.__file__}" {name} "$@"',
        )
        script.write_text("\n".join(lines))
        script.chmod(0o755)

    def remove(self, name: str) -> None:
        (self.folder / "bin" / name).unlink()

    def fail(self, name: str, saying: str) -> None:
        (self.folder / "home" / f"{name}-fails").write_text(saying)

    def be_real(self) -> None:
        """From now on `pulumi up` runs the program that it is offered."""
        (self.folder / "home" / "for-real").touch()

    def lock(self, pid: int, *, host: str = "", since: str = "") -> None:
        """Have the stack locked, by a process of this machine from now on unless told otherwise."""
        since = since or datetime.now(UTC).isoformat(timespec="seconds")
        taken = f"created by alice@{host or socket.gethostname()} (pid {pid}) at {since}"
        (self.folder / "home" / "lock").write_text(f"  file://~/locks/1.json: {taken}")

    def hold_up(self, *, for_ever: bool = False) -> None:
        """From now on `pulumi up` goes on until it is told to stop, or even then."""
        (self.folder / "home" / ("never-ends" if for_ever else "takes-long")).touch()

    @property
    def signals_to_the_engine(self) -> list[int]:
        return json.loads((self.folder / "home" / "told").read_text())

    def know_clusters(self, *names: str) -> None:
        """Have clusters, and contexts of their names, of which the first is the current one."""
        for name in names:
            self.api.make_cluster(name)
        self.know_contexts(**{name: name for name in names})

    def know_contexts(self, **clusters: str) -> None:
        """Let these contexts lead to these clusters; the first is the current one."""
        self.api.know_clusters(self.folder / "kubeconfig", **clusters)

    def know_settings(self, name: str, **values: object) -> None:
        content = {"config": {f"htmx-fastapi:{key}": value for key, value in values.items()}}
        (self.folder / "infra" / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(content))

    def do(self, *arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=typed, prog_name="pdm run")

    @property
    def calls(self) -> list[dict[str, Any]]:
        notes = self.folder / "home" / "calls"
        return (
            [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
        )

    def said_to(self, name: str) -> list[str]:
        """Return every command line that a program was called with."""
        return [" ".join(call["args"]) for call in self.calls if call["name"] == name]

    @property
    def memory(self) -> dict[str, Any]:
        return json.loads((self.folder / "home" / "memory").read_text())

    def remember(self, **values: Any) -> None:
        (self.folder / "home" / "memory").write_text(json.dumps(values))
