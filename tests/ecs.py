"""Which fields of the Elastic Common Schema our lines have, and whether a line keeps to them.

Written by hand after `generated/ecs/ecs_flat.yml` of https://github.com/elastic/ecs, release 9.4.0.
`python -m tests.ecs ecs_flat.yml` compares this table with such a file.
"""

import datetime as dt
import ipaddress
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

OUTCOMES = {"success", "failure", "unknown"}
# What each category's lines may be of.
TYPES = {
    "authentication": {"start", "end", "info"},
    "configuration": {"access", "change", "creation", "deletion", "info"},
    "database": {"access", "change", "info", "error"},
    "iam": {"admin", "change", "creation", "deletion", "group", "info", "user"},
    "session": {"start", "end", "info"},
    "web": {"access", "error", "info"},
}
LEVELS = {"debug", "info", "warning", "error", "critical"}

OF_SCHEMA = {
    "@timestamp": "date",
    "client.address": "keyword",
    "client.ip": "ip",
    "ecs.version": "keyword",
    "error.message": "match_only_text",
    "error.stack_trace": "wildcard",
    "error.type": "keyword",
    "event.action": "keyword",
    "event.category": "keywords",
    "event.dataset": "keyword",
    "event.duration": "long",
    "event.kind": "keyword",
    "event.module": "keyword",
    "event.outcome": "keyword",
    "event.type": "keywords",
    "http.request.id": "keyword",
    "http.request.method": "keyword",
    "http.response.body.bytes": "long",
    "http.response.status_code": "long",
    "http.version": "keyword",
    "log.level": "keyword",
    "log.logger": "keyword",
    "message": "match_only_text",
    "process.pid": "long",
    "process.real_user.id": "keyword",
    "service.name": "keyword",
    "service.version": "keyword",
    "source.ip": "ip",
    "span.id": "keyword",
    "trace.id": "keyword",
    "url.path": "wildcard",
    "url.scheme": "keyword",
    "user.id": "keyword",
    "user.name": "keyword",
    "user.target.id": "keyword",
    "user.target.name": "keyword",
    "user_agent.original": "keyword",
}
# What the schema has no field for is in a name of its own, as it asks for.
OWN = {
    **dict.fromkeys(("board.bot", "board.device", "board.holds", "board.method"), "keyword"),
    **dict.fromkeys(("board.new", "board.note", "board.old", "board.option"), "keyword"),
    **dict.fromkeys(("board.passkey", "board.provider", "board.role", "board.saved"), "keyword"),
    **dict.fromkeys(("board.scopes", "board.texts", "board.token", "board.way"), "keyword"),
    **dict.fromkeys(("board.called", "board.kind", "board.room"), "keyword"),
    **dict.fromkeys(("board.now", "board.second", "board.to", "board.was"), "keyword"),
    **dict.fromkeys(("board.days", "board.failures", "board.id", "board.invite"), "long"),
    **dict.fromkeys(("board.left", "board.minutes", "board.token_id", "board.uses"), "long"),
    **dict.fromkeys(("nginx.cache", "nginx.limit_conn", "nginx.limit_req"), "keyword"),
    **dict.fromkeys(("nginx.upstream.address", "nginx.upstream.seconds"), "keyword"),
    "nginx.upstream.status": "keyword",
}
FIELDS = OF_SCHEMA | OWN
ALWAYS = {"@timestamp", "ecs.version", "event.dataset", "event.kind", "log.level", "message"}
ALWAYS |= {"process.pid", "service.name"}


def _is_date(value: Any) -> bool:
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3,6})?(Z|[+-]\d\d:\d\d)"
    return bool(re.fullmatch(pattern, value)) and dt.datetime.fromisoformat(value).year > 2000


def _is_ip(value: Any) -> bool:
    return bool(ipaddress.ip_address(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)


KINDS: dict[str, Callable[[Any], bool]] = {
    "date": _is_date,
    "ip": _is_ip,
    "keyword": _is_text,
    "keywords": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "long": lambda value: type(value) is int and 0 <= value < 2**63,
    "match_only_text": _is_text,
    "wildcard": _is_text,
}


class Wrong(AssertionError):
    """What is wrong with a line, and the line."""


def read(line: str | bytes) -> dict[str, Any]:
    """Return the fields of a line; raise Wrong unless it is one strict object of the schema."""
    try:
        text = line.decode() if isinstance(line, bytes) else line
        found = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
        faults = list(_faults(found))
    except (ValueError, TypeError, AttributeError) as failure:
        faults = [str(failure)]
    if faults:
        raise Wrong(f"{'; '.join(faults)}: {line!r}")
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _faults(found: dict[str, Any]) -> Any:
    for name, value in found.items():
        if name not in FIELDS:
            yield f"{name} is no field that we know"
        elif not KINDS[FIELDS[name]](value):
            yield f"{name} is no {FIELDS[name]}"
    yield from (f"{name} is missing" for name in ALWAYS - found.keys())
    if found.get("log.level") not in LEVELS:
        yield "log.level is none"
    if found.get("event.kind") != "event":
        yield "event.kind is none"
    if found.get("event.outcome", "unknown") not in OUTCOMES:
        yield "event.outcome is none"
    allowed = set().union(*(TYPES[each] for each in found.get("event.category", [])))
    if not set(found.get("event.type", [])) <= allowed:
        yield "event.type is none of the category's"


def compared(schema: Path) -> list[str]:
    """Return where the table above and a file of the schema differ."""
    import yaml

    flat = yaml.safe_load(schema.read_text())
    told = []
    for name, kind in OF_SCHEMA.items():
        there = flat.get(name, {})
        theirs = there.get("type", "missing") + "s" * ("array" in there.get("normalize", ()))
        if theirs != kind:
            told.append(f"{name}: {theirs} there, {kind} here")
    categories = {each["name"]: each for each in flat["event.category"]["allowed_values"]}
    for name, types in TYPES.items():
        if types != set(categories[name]["expected_event_types"]):
            told.append(f"{name}: other types there")
    if {each["name"] for each in flat["event.outcome"]["allowed_values"]} != OUTCOMES:
        told.append("other outcomes there")
    return told


if __name__ == "__main__":
    sys.exit("\n".join(compared(Path(sys.argv[1]))) or None)
