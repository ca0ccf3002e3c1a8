"""Traces: where the time of a request goes, told to a collector if the environment names one.

Nothing of OpenTelemetry is imported before `begin`; until then a part costs a function call.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from service.base import records

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PROTOCOL = "http/protobuf"

Part = Callable[[str], AbstractContextManager[object]]
_nothing = nullcontext()


def _untold(_: str) -> AbstractContextManager[object]:
    return _nothing


_part: Part = _untold


def part(name: str) -> AbstractContextManager[object]:
    """Return a context whose time is told as a part of the request under way, if there is one."""
    return _part(name)


def around[T](name: str, context: AbstractContextManager[T]) -> AbstractContextManager[T]:
    """Return a context whose time is told that way, too."""
    return context if _part is _untold else _told(name, context)


@contextmanager
def _told[T](name: str, context: AbstractContextManager[T]) -> Generator[T]:
    with _part(name), context as held:
        yield held


def begin(part: Part, ids: Callable[[], dict[str, str]]) -> None:
    """Tell parts from now on, and let lines of the log have the ids of what is under way."""
    global _part  # noqa: PLW0603, a process has one collector
    _part = part
    records.beside = ids


def end() -> None:
    """Tell no more."""
    begin(_untold, dict)


def are_wanted(environ: Mapping[str, str]) -> bool:
    """Say whether OpenTelemetry's variables ask for traces."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    named = environ.get("OTEL_TRACES_EXPORTER", "").strip()
    return named != "none" and bool(named or any(environ.get(name) for name in ENDPOINTS))


def cannot(environ: Mapping[str, str]) -> str | None:
    """Return why there can be no such traces as the variables ask for, if there is a reason."""
    named = environ.get("OTEL_TRACES_EXPORTER", "").strip() or "otlp"
    spoken = next((environ[name] for name in PROTOCOLS if environ.get(name)), PROTOCOL)
    if named != "otlp":
        return f"OTEL_TRACES_EXPORTER is {named}, the board knows otlp and none"
    if spoken != PROTOCOL:
        return f"OTEL_EXPORTER_OTLP_PROTOCOL is {spoken}, the board speaks {PROTOCOL}"
    return None
