"""What ASVS.md says of each requirement: all are there, and all that it names is."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain

from tests.servers import PROJECT

PAGE = PROJECT / "tests" / "access" / "ASVS.md"
# The levels of the requirements of each section, in their order: ASVS 5.0.0.
SECTIONS = {
    "6.1": "122",
    "6.2": "111111112222",
    "6.3": "11223333",
    "6.4": "112233",
    "6.5": "22222333",
    "6.6": "2223",
    "6.7": "33",
    "6.8": "2222",
    "7.1": "222",
    "7.2": "1111",
    "7.3": "22",
    "7.4": "11222",
    "7.5": "223",
    "7.6": "22",
    "8.1": "1233",
    "8.2": "1123",
    "8.3": "133",
    "8.4": "23",
    "9.1": "111",
    "9.2": "1222",
    "10.1": "22",
    "10.2": "223",
    "10.3": "22223",
    "10.4": "1111122222233333",
    "10.5": "22222",
    "10.6": "22",
    "10.7": "222",
}
LEVELS = {
    f"{section}.{number}": level
    for section, levels in SECTIONS.items()
    for number, level in enumerate(levels, 1)
}
ANSWERS = ("Met", "In part.", "Not met.", "Not applicable.")
ROW = re.compile(r"\| (\d+\.\d+\.\d+(?: to \d+\.\d+\.\d+)?) \| ([123]) \| (.+) \| (.+) \|")
ROWS = [match.groups() for match in map(ROW.fullmatch, PAGE.read_text().splitlines()) if match]
FILE = r"(?:tests|service)/[\w/]+\.py"
NAMED = re.compile(rf"`{FILE}|\]\(\.\./\.\./|the same", re.IGNORECASE)


def meant(numbers: str) -> list[str]:
    """Return each requirement of a row: where none applies, one row answers for a whole section."""
    first, _, last = numbers.partition(" to ")
    section, _, begin = first.rpartition(".")
    end = last.rpartition(".")[2] or begin
    return [f"{section}.{number}" for number in range(int(begin), int(end) + 1)]


@cache
def functions(path: str) -> set[str]:
    tree = ast.parse((PROJECT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} | {
        node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef)
    }


def missing(answer: str) -> Iterator[str]:
    """Yield the tests, modules and headings that an answer names, and that are not there."""
    for path, name in re.findall(rf"`({FILE})(?:::(\w+))?`", answer):
        there = (PROJECT / path).is_file()
        if not there or (name and name not in functions(path)):
            yield f"{path}::{name}"
    for path, anchor in re.findall(r"\]\(\.\./\.\./([\w/.]+)#([\w-]+)\)", answer):
        headings = re.findall(r"^#+ (.+)$", (PROJECT / path).read_text(), re.MULTILINE)
        if anchor not in {
            re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings
        }:
            yield f"{path}#{anchor}"


def test_every_requirement_is_answered_once() -> None:
    assert len(LEVELS) == 122
    listed = list(chain.from_iterable(meant(numbers) for numbers, *_ in ROWS))
    assert listed == list(LEVELS)


def test_each_has_its_level_and_an_answer_that_says_where() -> None:
    for numbers, level, _, answer in ROWS:
        assert level in {LEVELS[number] for number in meant(numbers)}, numbers
        assert answer.startswith(ANSWERS), numbers
        assert not answer.startswith("Met") or NAMED.search(answer), numbers


def test_all_that_is_named_is_there() -> None:
    found = {numbers: list(missing(answer)) for numbers, _, _, answer in ROWS}
    assert {numbers: names for numbers, names in found.items() if names} == {}


def test_the_page_is_linked_where_it_is_looked_for() -> None:
    assert "(tests/access/ASVS.md)" in (PROJECT / "SECURITY.md").read_text()
