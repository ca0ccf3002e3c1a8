"""Small pieces: functions that one reads in one look, files that do one thing."""

import ast
from pathlib import Path
from statistics import median

import pytest

PROJECT = Path(__file__).parent.parent
LONGEST_FUNCTION = 40  # lines, with signature and docstring
MEDIAN_FILE = 100  # lines; half of all files are shorter
FROZEN = PROJECT / "service" / "data" / "migrations"  # a step stays as it was released

FILES = [file for name in ("service", "infra", "tests") for file in (PROJECT / name).rglob("*.py")]


def too_long(source: str) -> list[str]:
    """Return the name and the number of lines of every function that is too long."""
    functions = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    lines = [(each.name, (each.end_lineno or 0) - each.lineno + 1) for each in functions]
    return [f"{name}: {count}" for name, count in lines if count > LONGEST_FUNCTION]


@pytest.mark.parametrize("folder", ["service", "infra", "tests"])
def test_no_function_is_too_long_to_be_read_in_one_look(folder: str) -> None:
    found = [
        f"{file.relative_to(PROJECT)} {function}"
        for file in FILES
        if file.is_relative_to(PROJECT / folder) and file.parent != FROZEN
        for function in too_long(file.read_text())
    ]
    assert found == []


def test_half_of_all_files_are_short() -> None:
    assert median(len(file.read_text().splitlines()) for file in FILES) < MEDIAN_FILE


def test_the_test_sees_long_functions() -> None:
    body = "    x = 1\n" * LONGEST_FUNCTION
    assert too_long(f"class A:\n  def f():\n{body}") == [f"f: {LONGEST_FUNCTION + 1}"]
    assert too_long(f"async def g():\n{body[:-10]}") == []
