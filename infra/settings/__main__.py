"""Writes the settings that are declared here into Pulumi.yaml: `python -m infra.settings`."""

import json
from collections.abc import Iterable
from pathlib import Path

from infra.settings import DECLARED, Settings
from infra.settings.declared import Setting

FILE = Path(__file__).parent.parent / "Pulumi.yaml"
START = "config:\n"
NOTE = """\
  # Made by `python -m infra.settings`, where they are declared. Only the image has to be set.
  # Every key has a default: Pulumi refuses a declared one without.
"""


def written(before: str) -> str:
    """Return the file as it should be, with all but the settings as it was before."""
    top = before.partition(START)[0]
    groups = reversed(Settings.__bases__)
    return top + START + NOTE + "\n".join(_group(each.__annotations__) for each in groups)


def _group(attributes: Iterable[str]) -> str:
    return "".join(_entry(DECLARED[each]) for each in attributes)


def _entry(setting: Setting) -> str:
    values = setting.entry.items()
    lines = [f"    {name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in values]
    return f"  {setting.key}:\n{''.join(lines)}"


if __name__ == "__main__":
    FILE.write_text(written(FILE.read_text()))
