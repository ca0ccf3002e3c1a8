"""The engine's events, as recorded from an `up` on a cluster, without what nobody reads here."""

from typing import Any

from pulumi.automation.events import EngineEvent

STACK = "urn:pulumi:board::htmx-fastapi"


def urn(kind: str, name: str) -> str:
    return f"{STACK}::{kind}::{name}"


def step(event: str, op: str, kind: str, name: str, **more: Any) -> EngineEvent:
    """Return an event of an object: `resourcePreEvent`, `resOutputsEvent`, `resOpFailedEvent`.

    `old` and `new` are its outputs, before and after.
    """
    custom = not kind.startswith("board:")  # no component
    states: dict[str, dict[str, Any]] = {
        key: {"type": kind, "custom": custom, "outputs": more[key]}
        for key in ("old", "new")
        if key in more
    }
    states = states or {"new": {"type": kind, "custom": custom}}
    if "inputs" in more:
        states["new"]["inputs"] = more["inputs"]
    metadata = {
        "op": op,
        "urn": urn(kind, name),
        "type": kind,
        **states,
        "detailedDiff": {path: {"diffKind": "update"} for path in more.get("paths", ())},
    }
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, event: {"metadata": metadata}})


def said(severity: str, message: str, of: str = "", *, ephemeral: bool = False) -> EngineEvent:
    diagnostic = {"message": message, "severity": severity, "ephemeral": ephemeral, "urn": of}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "diagnosticEvent": diagnostic})
