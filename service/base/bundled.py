"""Scripts as they are served: each in one file with all that it imports.

A page would otherwise fetch some forty files, of which half of what travels is headers, and
compressed apart they are twice as long.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

# `import "./guard.js";`, `import { say } from …`, `import * as swaps from …`
IMPORT = re.compile(
    r'^import (?:(\{[^}]*\}|\* as \w+) from )?"(\.\.?/[\w./-]+\.js)";\n', re.MULTILINE
)
EXPORT = re.compile(r"^export ((?:async )?function|const|let) (\w+)", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


@dataclass(frozen=True)
class Script:
    """A script as it lies, without its comments."""

    name: str  # js/messages/guard.js
    text: str

    @cached_property
    def imports(self) -> list[str]:
        """Return the names of the scripts that it imports itself."""
        return [self._named(address) for _, address in IMPORT.findall(self.text)]

    @property
    def changing(self) -> set[str]:
        """Return what it exports that may become something else."""
        return {name for kind, name in EXPORT.findall(self.text) if kind == "let"}

    def _named(self, address: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.name), address))

    def enclosed(self, known: Mapping[str, "Script"]) -> str:
        """Return it as a constant that holds what it exports; raise ValueError if that can't be."""

        def take(found: re.Match[str]) -> str:
            what, name = found[1], self._named(found[2])
            if not what:
                return ""
            if what.startswith("*"):
                return f"const {what.removeprefix('* as ')} = {_constant(name, known)};\n"
            # Taken by name it would stay as it is now.
            if known[name].changing & set(re.findall(r"\w+", what)):
                raise ValueError(f"{self.name} imports by its name what {name} changes.")
            return f"const {what.replace(' as ', ': ')} = {_constant(name, known)};\n"

        body = EXPORT.sub(r"\1 \2", IMPORT.sub(take, self.text))
        if other := OTHER.search(body):
            raise ValueError(f"{self.name} imports or exports in another way: {other[0]}")
        exports = (_given(name, kind) for kind, name in EXPORT.findall(self.text))
        given = f"return {{ {', '.join(exports)} }};\n"
        return f"const {_constant(self.name, known)} = (() => {{\n{body}{given}}})();\n"


def bundles(scripts: Iterable[Script]) -> dict[str, str]:
    """Return each script with all that it imports before it, each once, by its name.

    They come after those that they import. Raises ValueError.
    """
    known: dict[str, Script] = {}
    enclosed: dict[str, str] = {}
    needed: dict[str, dict[str, None]] = {}
    for script in scripts:
        name = script.name
        known[name] = script
        enclosed[name] = script.enclosed(known)
        needed[name] = {each: None for own in script.imports for each in needed[own]} | {name: None}
    return {
        name: "".join(map(enclosed.__getitem__, names)) if len(names) > 1 else known[name].text
        for name, names in needed.items()
    }


def _given(name: str, kind: str) -> str:
    return f"get {name}() {{ return {name}; }}" if kind == "let" else name


def _constant(name: str, known: Mapping[str, Script]) -> str:
    """Return a script's constant: its place among those that are known, for what travels."""
    return f"${[*known].index(name)}"
