"""Stands in for pulumi, kind, docker and kubectl, of which none can be had everywhere.

Called as `stand_in.py NAME ARGUMENT...`. It notes how it was called in $STAND_IN/calls, keeps what
it is told in $STAND_IN, and says what the real program would. If there is a file `for-real`, then
`pulumi up` runs the program that it is offered, against the stand-in engine.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOME = Path(os.environ.get("STAND_IN", "."))
CHANGES = {"up", "destroy", "refresh"}
SUMMARY = {
    "kind": "update",
    "startTime": "2026-11-26T06:00:00.000Z",
    "message": "",
    "environment": {},
    "config": {},
    "result": "succeeded",
}

CHANGES_OF_ONE = {
    "maybeCorrupt": False,
    "durationSeconds": 1,
    "resourceChanges": {"create": 1},
    "PolicyPacks": {},
}
MIGRATION = {
    "op": "create",
    "urn": "urn:pulumi:board::htmx-fastapi::kubernetes:batch/v1:Job::migrate",
    "type": "kubernetes:batch/v1:Job",
    "new": {"custom": True, "inputs": {"metadata": {"name": "migrate-1"}}},
}


def main() -> None:
    name, *arguments = sys.argv[1:]
    reads = (name == "kubectl" and "-i" in arguments) or "--config" in arguments
    given = sys.stdin.read() if reads else ""
    environ = {key: value for key, value in os.environ.items() if key.startswith("PULUMI_")}
    with (HOME / "calls").open("a") as calls:
        note = {"name": name, "args": arguments, "given": given, "environ": environ}
        calls.write(json.dumps(note) + "\n")
    for failing in (name, *(f"{name}-{word}" for word in arguments)):
        if (HOME / f"{failing}-fails").exists():
            sys.exit((HOME / f"{failing}-fails").read_text() or 1)
    TOOLS[name](arguments)


def remembered() -> dict[str, Any]:
    file = HOME / "memory"
    return json.loads(file.read_text()) if file.exists() else {}


def remember(**values: Any) -> None:
    (HOME / "memory").write_text(json.dumps({**remembered(), **values}))


def pulumi(arguments: list[str]) -> None:
    words = [word for word in arguments if word != "--non-interactive"]
    stacks = remembered().get("stacks", {})
    if words[0] in CHANGES and (HOME / "lock").exists():
        sys.exit(
            "error: the stack is currently locked by 1 lock(s).\n" + (HOME / "lock").read_text()
        )
    match words:
        case ["cancel", *_]:
            (HOME / "lock").unlink()
        case ["version"]:
            print("v3.272.0")  # noqa: T201
        case ["stack", "select", "--stack", name] if name not in stacks:
            sys.exit(f"error: no stack named '{name}' found")
        case ["stack", "init", name]:
            remember(stacks={**stacks, name: {}})
        case ["stack", "rm", *_, name]:
            remember(stacks={key: value for key, value in stacks.items() if key != name})
        case ["config", "set", key, "--plaintext", "--stack", name, "--", value]:
            remember(stacks={**stacks, name: {**stacks[name], key: value}})
        case ["up", *_] | ["preview", *_]:
            deploy(words, stacks)
        case ["stack", "export", *_]:
            print(json.dumps({"deployment": remembered().get("state", {})}))  # noqa: T201
        case ["stack", "import", "--file", file, *_]:
            remember(state=json.loads(Path(file).read_text())["deployment"])
        case ["stack", "output", *_]:
            print(json.dumps(remembered().get("outputs", {})))  # noqa: T201
        case ["stack", "history", *_]:
            print(json.dumps([SUMMARY]))  # noqa: T201


def deploy(words: list[str], stacks: dict[str, Any]) -> None:
    if (HOME / "takes-long").exists():
        told = heeded_signals()  # before anybody is told what would make them stop it
        if (HOME / "for-real").exists():
            tell(words, resourcePreEvent={"metadata": MIGRATION})
        wait_to_be_stopped(told)
    if words[0] == "preview":
        tell(words, summaryEvent=CHANGES_OF_ONE)
    if not (HOME / "for-real").exists():
        remember(outputs={"url": "http://there", "namespace": "there", "setupCode": "setup-code"})
        return
    import grpc
    from pulumi.runtime.proto import language_pb2_grpc

    from tests.infra import engine

    (client,) = [word.removeprefix("--client=") for word in words if word.startswith("--client=")]
    given = stacks[words[words.index("--stack") + 1]]
    with engine.serve(preview=words[0] == "preview") as (found, address):
        language = language_pb2_grpc.LanguageRuntimeStub(grpc.insecure_channel(client))
        request = engine.request(address, given, preview=words[0] == "preview")
        error = language.Run(request).error
    if error:
        print(f"error: {error}\nerror: update failed")  # noqa: T201
        sys.exit(255)
    remember(outputs=found.outputs, resources=sorted(found.resources))


def heeded_signals() -> list[int]:
    """Return a list of the signals that come from now on: one ends it in order, two at once."""
    told: list[int] = []

    def heed(number: int, _: object) -> None:
        told.append(number)
        (HOME / "told").write_text(json.dumps(told))
        if len(told) > 1:
            os._exit(1)

    signal.signal(signal.SIGINT, heed)
    return told


def wait_to_be_stopped(told: list[int]) -> None:
    """Be the engine in the midst of an `up`."""
    provider = subprocess.Popen(["/bin/sleep", "60"], process_group=0)
    print(f"running {os.getpid()} {provider.pid}", flush=True)  # noqa: T201
    while not told or (HOME / "never-ends").exists():
        time.sleep(0.02)
    time.sleep(0.2)  # for a second signal that should not come
    provider.kill()
    print("what had begun has ended", flush=True)  # noqa: T201
    sys.exit("error: update canceled")


def tell(words: list[str], **event: dict[str, Any]) -> None:
    """Tell who has asked for events of this one."""
    import grpc
    from pulumi.runtime.proto import events_pb2, events_pb2_grpc

    address = words[words.index("--event-log") + 1].removeprefix("tcp://")
    stub = events_pb2_grpc.EventsStub(grpc.insecure_channel(address))
    told = json.dumps({"sequence": 1, "timestamp": 1, **event})
    stub.StreamEvents(iter([events_pb2.EventRequest(event=told)]))


def kind(arguments: list[str]) -> None:
    match arguments:
        case ["get", "clusters"]:
            print("\n".join(remembered().get("clusters", [])))  # noqa: T201
        case ["create", "cluster", "--name", name, *_]:
            remember(clusters=[name])
        case ["delete", "cluster", *_]:
            remember(clusters=[])


def docker(arguments: list[str]) -> None:
    if arguments[0] == "build":
        Path(arguments[arguments.index("--iidfile") + 1]).write_text(f"sha256:{'0123456789ab' * 5}")


def kubectl(_: list[str]) -> None:
    pass


TOOLS: dict[str, Callable[[list[str]], None]] = {
    "pulumi": pulumi,
    "kind": kind,
    "docker": docker,
    "kubectl": kubectl,
}

if __name__ == "__main__":
    main()
