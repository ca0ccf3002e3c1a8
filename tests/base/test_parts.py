"""Parts are found by their type; what a request adds is its own."""

import pytest
from starlette.requests import Request
from starlette.types import Scope

from service.base import parts
from service.base.paces import Changes, Pace, Replays


def begun(*things: object) -> Scope:
    scope: Scope = {"type": "http"}
    parts.begin(scope, parts.collect(*things))
    return scope


def test_a_part_is_found_by_its_type() -> None:
    changes, replays = Changes(1), Replays(1)
    scope = begun(changes, replays)
    assert parts.of(scope, Changes) is changes
    assert parts.of(Request(scope), Replays) is replays


def test_what_is_not_there_is_missed_by_name() -> None:
    scope = begun(Changes(1))
    assert parts.maybe(scope, Pace) is None
    with pytest.raises(KeyError, match="Pace"):
        parts.of(scope, Pace)


def test_what_a_request_adds_is_its_own() -> None:
    own = parts.collect("the application's")
    scopes: list[Scope] = [{"type": "http"}, {"type": "http"}]
    for scope in scopes:
        parts.begin(scope, own)
    parts.put(Request(scopes[0]), "the request's")
    assert [parts.of(scope, str) for scope in scopes] == ["the request's", "the application's"]
