"""What Filebeat makes of a node's files, by its configuration, and what it sends of them.

Filebeat itself can't be had everywhere. This reads its configuration by its documentation, as far
as ours goes, and what it does not know it refuses: so a wrong name, path or pattern is found.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

type Fields = dict[str, Any]

WANTED = {
    "close": {"on_state_change": {"removed": False}},
    "compression": "auto",
    "file_identity": {"fingerprint": None},
}
FIELD = re.compile(r"%\{(\??)([^}]+)\}")


def kubelets(lines: list[bytes], at: str = "2026-11-28T21:00:00.123456789Z") -> bytes:
    """Return lines of a container as they are on its node: long ones come in parts."""
    most, written = 16 * 1024, b""
    for line in lines:
        parts = [line[n : n + most] for n in range(0, len(line), most)] or [b""]
        for part in parts[:-1]:
            written += f"{at} stderr P ".encode() + part + b"\n"
        written += f"{at} stderr F ".encode() + parts[-1] + b"\n"
    return written


def events(configuration: Fields, node: Path) -> list[Fields]:
    """Return everything that is read of a node's files, each file once."""
    found, read = [], set()
    for given in configuration["filebeat"]["inputs"]:
        assert given.items() >= WANTED.items()
        for file in _files(given, node):
            assert file not in read, f"{file} is read twice"
            read.add(file)
            for event in _lines(given, file, node):
                _process(event, configuration["processors"])
                found.append(event)
    return found


def bulk(configuration: Fields, sent: list[Fields]) -> bytes:
    """Return what Elasticsearch is sent."""
    lines: list[Fields] = []
    for event in sent:
        document = {name: value for name, value in event.items() if name != "@metadata"}
        index = configuration["output"]["elasticsearch"]["index"]
        lines += [{"create": {"_index": index, "_id": event["@metadata"]["_id"]}}, document]
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def _files(given: Fields, node: Path) -> Iterator[Path]:
    scanner = given["prospector"]["scanner"]
    left_out = [re.compile(each) for each in scanner["exclude_files"]]
    for pattern in given["paths"]:
        for file in sorted(node.glob(pattern.lstrip("/"))):
            path = f"/{file.relative_to(node)}"
            if not any(each.search(path) for each in left_out):
                yield file


def _lines(given: Fields, file: Path, node: Path) -> Iterator[Fields]:
    content = file.read_bytes()
    length = given["prospector"]["scanner"]["fingerprint"]["length"]
    assert length >= 64, "Filebeat allows no fewer"
    if len(content) < length:
        return
    about = {
        "path": f"/{file.relative_to(node)}",
        "fingerprint": hashlib.sha256(content[:length]).hexdigest(),
    }
    container, *others = given["parsers"]
    assert container == {"container": {"format": "cri"}}
    offset, start, text = 0, 0, b""
    for line in content.splitlines(keepends=True):
        moment, stream, tag, rest = line.rstrip(b"\n").split(b" ", 3)
        text, offset = text + rest, offset + len(line)
        if tag == b"F":
            event = {
                "@timestamp": moment.decode(),
                "stream": stream.decode(),
                "log": {"offset": start, "file": dict(about)},
            }
            _decode(event, text.decode(), others)
            yield event
            start, text = offset, b""


def _decode(event: Fields, text: str, parsers: list[Fields]) -> None:
    """Put a line's text or, where they are wanted, its object's fields into its event."""
    for parser in parsers:
        options = parser["ndjson"]
        assert options == {
            "target": "",
            "expand_keys": True,
            "overwrite_keys": True,
            "ignore_decoding_error": True,
        }
        try:
            found = json.loads(text)
        except ValueError:
            continue
        if isinstance(found, dict):
            for name, value in found.items():
                put(event, name, value)
            return
    event["message"] = text


def put(event: Fields, name: str, value: Any) -> None:
    """Set a field by its dotted name."""
    *parents, last = name.split(".")
    for parent in parents:
        event = event.setdefault(parent, {})
    event[last] = value


def at(event: Fields, name: str) -> Any:
    for part in name.split("."):
        event = event[part]
    return event


def _process(event: Fields, processors: list[Fields]) -> None:
    for ((kind, options),) in (each.items() for each in processors):
        if kind == "dissect":
            _dissect(event, **options)
        else:
            assert kind == "fingerprint"
            parts = "".join(f"|{name}|{at(event, name)}" for name in sorted(options["fields"]))
            put(event, options["target_field"], hashlib.sha256(parts.encode()).hexdigest())


def _dissect(event: Fields, field: str, tokenizer: str, target_prefix: str) -> None:
    assert target_prefix == ""
    names = [(skipped, name) for skipped, name in FIELD.findall(tokenizer)]
    literal = [re.escape(each) for each in FIELD.sub("\0", tokenizer).split("\0")]
    found = re.fullmatch("(.*?)".join(literal[:-1]) + "(.*)", at(event, field))
    assert found, f"{tokenizer} is not how {at(event, field)} goes"
    for (skipped, name), value in zip(names, found.groups(), strict=True):
        if not skipped:
            put(event, name, value)
