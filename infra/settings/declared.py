"""How a setting of the stack is declared, and how what is configured is read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pulumi

from service.base import config
from service.base.values import Choice, Number, Unusable

TYPES: dict[type, str] = {str: "string", bool: "boolean", int: "integer"}


@dataclass(frozen=True)
class Setting:
    """What is declared of a setting. Pulumi.yaml says the same of it, and gives the default."""

    key: str
    kind: Callable[[str], Any]  # raises Unusable
    default: str | int | bool
    help: str
    secret: bool = False
    environ: str = ""  # what the board itself calls it in its environment, if it does

    @property
    def entry(self) -> dict[str, str | int | bool]:
        """What Pulumi.yaml is to say of it."""
        values = f" ({self.kind})" if isinstance(self.kind, Number | Choice) else ""
        return {
            "type": TYPES[type(self.default)],
            "default": self.default,
            "description": self.help + values,
        }


def declare[T](
    key: str,
    kind: Callable[[str], T],
    default: str | int | bool,
    help: str,
    secret: bool = False,
) -> T:
    """Return the field of a dataclass that holds the setting's value."""
    return _field(Setting(key, kind, default, help, secret))


def declare_boards(key: str, attribute: str, help: str = "") -> Any:
    """Return the field of a setting that the board itself has: it knows what else to say."""
    known = config.DECLARED[attribute]
    meaning = help or known.help[0].upper() + known.help[1:]
    return _field(Setting(key, known.kind, known.default, meaning, environ=known.name))


def _field(setting: Setting) -> Any:
    return field(repr=not setting.secret, metadata={"setting": setting})


class Reader:
    """Reads one setting after another and collects what is wrong with them."""

    def __init__(self, configured: pulumi.Config) -> None:
        self.configured = configured
        self.faults: list[str] = []

    def read(self, setting: Setting) -> Any:
        """Return what is configured, or None if that is of no use."""
        text = (self.configured.get(setting.key) or "").strip()
        if setting.secret and text and not self._is_secret(setting.key):
            self.faults.append(
                f"{setting.key} is a secret and lies readable in the stack's settings: "
                f"set it anew with `pulumi config set --secret {setting.key}`."
            )
        try:
            return setting.kind(text)
        except Unusable as bad:
            self.faults += (f"{setting.key} {fault}" for fault in bad.args)
            return None

    def _is_secret(self, key: str) -> bool:
        return pulumi.runtime.is_config_secret(self.configured.full_key(key))
