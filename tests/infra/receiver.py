"""A strict receiver of Elasticsearch's bulk format, with one index template.

It takes for a field only what its type in the mapping means. Elasticsearch is more generous: it
makes a number of "1". What it does not index by the mapping it keeps, and this does, too.
"""

import datetime as dt
import fnmatch
import ipaddress
import json
from collections.abc import Callable, Iterator
from typing import Any


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and dt.datetime.fromisoformat(value).tzinfo is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


TYPES: dict[str, Callable[[Any], bool]] = {
    "date": _is_date,
    "flattened": lambda value: isinstance(value, dict),
    "ip": lambda value: bool(ipaddress.ip_address(value)),
    "keyword": _is_text,
    "long": lambda value: type(value) is int and -(2**63) <= value < 2**63,
    "match_only_text": _is_text,
    "wildcard": _is_text,
}


class Receiver:
    """An Elasticsearch with a data stream of documents by their id."""

    def __init__(self, template: dict[str, Any]) -> None:
        assert template["data_stream"] == {}
        self.patterns: list[str] = template["index_patterns"]
        self.mappings: dict[str, Any] = template["template"]["mappings"]
        assert self.mappings["dynamic"] is False, "a document could make fields"
        self.documents: dict[str, dict[str, Any]] = {}

    def bulk(self, body: bytes) -> list[int]:
        """Return the status of each document of a request; raise ValueError for what is none."""
        if not body.endswith(b"\n"):
            raise ValueError("The bulk request must be terminated by a newline")
        lines = [json.loads(line) for line in body.splitlines()]
        if len(lines) % 2 or not all(isinstance(line, dict) for line in lines):
            raise ValueError("each action has a document")
        pairs = zip(lines[::2], lines[1::2], strict=True)
        return [self._take(action, document) for action, document in pairs]

    def _take(self, action: dict[str, Any], document: dict[str, Any]) -> int:
        ((operation, told),) = action.items()
        if operation != "create" or set(told) != {"_index", "_id"}:
            raise ValueError("only write ops with an op_type of create are allowed")
        if not any(fnmatch.fnmatch(told["_index"], pattern) for pattern in self.patterns):
            raise ValueError(f"no template is for {told['_index']}")
        if told["_id"] in self.documents:
            return 409
        if "@timestamp" not in document or list(self.faults(document)):
            return 400
        self.documents[told["_id"]] = document
        return 201

    def faults(self, document: dict[str, Any]) -> Iterator[str]:
        """Yield the name of each field that is not of its type in the mapping."""
        yield from _faults(document, self.mappings, "")


def _faults(value: Any, mapping: dict[str, Any], name: str) -> Iterator[str]:
    if "type" in mapping:
        several = value if isinstance(value, list) else [value]
        try:
            right = all(map(TYPES[mapping["type"]], several))
        except ValueError:
            right = False
        if not right:
            yield name
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in mapping["properties"]:
                yield from _faults(each, mapping["properties"][key], f"{name}.{key}".lstrip("."))
    else:
        yield name
