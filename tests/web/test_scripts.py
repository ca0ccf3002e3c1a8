"""The scripts: each can be read by itself, and has from others only what it imports."""

import re
from pathlib import Path

import pytest

from service.base.assets import folder
from tests.house import HOUSE

# As in the house, but that all scripts stand on those of `web`.
ORDER = ("web", *(noun for noun in HOUSE if noun != "web"))
SCRIPTS = folder("static") / "js"
LONGEST = 120  # lines
FILES = sorted(file for file in SCRIPTS.rglob("*.js") if "vendor" not in file.parts)
IMPORTS = re.compile(r'^import\b[^"]*"([^"]+)";$', re.MULTILINE)
STAGES = re.compile(r"^const (BEFORE|AFTER) = \[(.*?)^\];", re.MULTILINE | re.DOTALL)
JOINS = re.compile(r'\bswaps\.(before|after)\("(\w+)"')


def name_of(file: Path) -> str:
    return file.relative_to(SCRIPTS).as_posix()


def floor(file: Path) -> int:
    """Return how high the folder of a script is."""
    return ORDER.index(file.relative_to(SCRIPTS).parts[0])


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_script_shares_nothing_but_what_others_import(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"\b(window|globalThis|CustomEvent)\b", text)
    assert len(text.splitlines()) <= LONGEST
    # Comments and what lines begin with are not served: no text goes on over a line's end.
    assert all(line.count("`") % 2 == 0 for line in text.splitlines())
    for address in IMPORTS.findall(text):
        assert floor((file.parent / address).resolve()) <= floor(file), address


def test_only_one_file_listens_to_swaps() -> None:
    listen = [
        name_of(file) for file in FILES if re.search(r":(before|after):swap", file.read_text())
    ]
    assert listen == ["web/swaps.js"]


def test_every_stage_is_joined_and_no_other() -> None:
    text = (SCRIPTS / "web/swaps.js").read_text()
    stages = {
        (kind.lower(), each)
        for kind, names in STAGES.findall(text)
        for each in re.findall(r'^  "(\w+)"', names, re.MULTILINE)
    }
    assert len(stages) == 12
    assert {join for file in FILES for join in JOINS.findall(file.read_text())} == stages
