"""The house: a folder for each noun, and one way down."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.house import HOUSE, SERVICE, modules, name_of

OUTSIDE = {"__init__", "pdm_build"}  # the version, and what builds the package
# In a noun's folder what shows it imports what it is, and what answers requests imports both.
SHOWS = ("shown", "pages")
ANSWERS = "routes"  # ends the names of those which only these import
TOGETHER = ("registry", "app")


def imports(file: Path) -> set[str]:
    """Return the modules of `service` that a file imports, as dotted names inside it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} imports relatively"
            origin = node.module or ""
            names = [
                f"{origin}.{each.name}" if _is_module(f"{origin}.{each.name}") else origin
                for each in node.names
            ]
        else:
            continue
        found |= {name.removeprefix("service.") for name in names if name.startswith("service.")}
    return found


def _is_module(dotted: str) -> bool:
    path = SERVICE.parent.joinpath(*dotted.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def noun(module: str) -> str:
    return module.partition(".")[0]


def rank(module: str) -> int:
    """Return where a module stands among those of its folder."""
    last = module.rpartition(".")[2]
    return 2 if last.endswith(ANSWERS) else int(last in SHOWS)


def goes_down(module: str, imported: str) -> bool:
    if noun(module) == noun(imported):
        return rank(imported) <= rank(module)
    below = HOUSE.index(noun(imported)) < HOUSE.index(noun(module))
    return below and (rank(imported) < 2 or module in TOGETHER)


def every_import() -> set[tuple[str, str]]:
    own = {name_of(file): imports(file) for file in modules()}
    return {(name, each) for name, found in own.items() if name not in OUTSIDE for each in found}


def test_every_folder_has_its_place() -> None:
    assert {noun(name_of(file)) for file in modules()} - OUTSIDE == set(HOUSE)


def test_contributing_draws_the_house_as_it_is() -> None:
    text = (SERVICE.parent / "CONTRIBUTING.md").read_text()
    picture = text.split("```\nservice/\n")[1].split("```")[0]
    drawn = re.findall(r"^  (\w+)/? +(.+)$", picture, re.MULTILINE)
    assert [name for name, _ in reversed(drawn)] == [each for each in HOUSE if each != "__main__"]
    assert drawn == [(name, purpose(name)) for name, _ in drawn]


def purpose(name: str) -> str:
    """Return the first line of what a folder or module of the house says of itself."""
    path = SERVICE / name
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return str(ast.get_docstring(ast.parse(file.read_text()))).partition("\n")[0]


def test_imports_go_down() -> None:
    assert {pair for pair in every_import() if not goes_down(*pair)} == set()


def test_nothing_imports_in_a_circle() -> None:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for module, imported in every_import():
        sorter.add(module, imported)
    sorter.prepare()  # raises CycleError


def test_the_test_sees_imports() -> None:
    assert {"messages.messages", "web.render"} <= imports(SERVICE / "messages" / "pages.py")
    assert {"live.routes", "registry"} <= imports(SERVICE / "app.py")
    assert "messages.routes" in imports(SERVICE / "registry.py")
    assert not goes_down("base.clock", "data.db")
    assert not goes_down("messages.messages", "messages.routes")
    assert not goes_down("messages.routes", "accounts.routes")


@pytest.mark.parametrize("file", modules(), ids=name_of)
def test_nothing_touches_the_database_in_async_def(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.AsyncFunctionDef):
            calls = [ast.unparse(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)]
            touching = {"db.read", "db.write", "db.ping", "db.notify", "db.listen"}
            assert not touching & set(calls), f"{file.name}: {node.name}"
