"""What the application is made of, and what belongs to one request: each found by its type.

A request begins with the application's parts and adds its own, as who is asking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import Scope

Parts = dict[type, object]
Where = Mapping[str, Any]  # a scope, or a request as a mapping of its scope


@dataclass(frozen=True)
class Route:
    """An address that is served beside FastAPI, as the scope's `route` and the log name it."""

    path: str
    endless: bool = False  # its answer goes on until somebody leaves


def collect(*things: object) -> Parts:
    """Return things by their type, of which there is one each."""
    return {type(thing): thing for thing in things}


def begin(scope: Scope, own: Parts) -> None:
    """Let a request begin with the application's parts, and those its lifespan made."""
    scope["state"] = {**scope.get("state", {}), **own}


def of[T](where: Where, kind: type[T]) -> T:
    """Return the part of exactly that type; raise KeyError if there is none."""
    return where["state"][kind]


def maybe[T](where: Where, kind: type[T]) -> T | None:
    """Return the part of exactly that type, if there is one."""
    return where["state"].get(kind)


def put(where: Where, thing: object) -> None:
    """Let a request have a part, in place of one of the same type."""
    where["state"][type(thing)] = thing
