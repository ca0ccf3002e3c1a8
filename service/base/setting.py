"""How a setting is declared, and how what the environment says of it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.base import values
from service.base.values import Unusable


class ConfigError(Exception):
    """The environment does not describe a board that could run; holds one line per fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Setting[T]:
    """What is declared of a setting; `name` is the environment's, `help` stands in the README.

    A secret may lie in a file that `name`_FILE names. `kept` finds its text where none is given.
    """

    name: str
    kind: Callable[[str], T]  # raises Unusable
    default: T
    help: str
    secret: bool = False
    kept: Callable[[Mapping[str, str]], str] | None = None


def declare[T](
    name: str,
    kind: Callable[[str], T],
    default: T,
    help: str,
    secret: bool = False,
    kept: Callable[[Mapping[str, str]], str] | None = None,
) -> T:
    """Return the field of a dataclass that holds the setting's value."""
    declared = Setting(name, kind, default, help, secret, kept)
    return field(default=default, repr=not secret, metadata={"setting": declared})


class Reader:
    """Reads one setting after another and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def read[T](self, setting: Setting[T]) -> T:
        """Return what is given, or the default if that is nothing or of no use."""
        text = self._text(setting)
        if not text:
            return setting.default
        return self._made(setting.name, setting.kind, text, setting.default)

    def _text(self, setting: Setting[Any]) -> str:
        text, in_file = self._given(setting.name), f"{setting.name}_FILE"
        if setting.secret and (path := self._given(in_file)):
            if text:
                self.faults.append(f"{setting.name} and {in_file} are both set; keep one of them.")
            return self._made(in_file, values.named_file, path, "")
        if not text and setting.kept:
            return self._made(setting.name, setting.kept, self.environ, "")
        return text

    def _given(self, name: str) -> str:
        return self.environ.get(name, "").strip()

    def _made[F, T](self, name: str, make: Callable[[F], T], given: F, default: T) -> T:
        try:
            return make(given)
        except Unusable as bad:
            self.faults += (f"{name} {fault}" for fault in bad.args)
            return default
