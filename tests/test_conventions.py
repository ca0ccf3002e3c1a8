"""The tests keep the conventions that CONTRIBUTING.md tells."""

import ast
import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

TESTS = Path(__file__).parent
BENCH = "tests.bench"
PEOPLE = {"alice", "bob", "charlie", "visitor"}
CLIENTS = {"Person", "httpx2.Client", "httpx2.AsyncClient"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = Callable[[str], str]


@functools.cache
def trees() -> dict[str, ast.Module]:
    """Return every module of the tests by its dotted name."""
    files = sorted(TESTS.rglob("*.py"))
    names = [".".join(file.relative_to(TESTS.parent).with_suffix("").parts) for file in files]
    return {name: ast.parse(file.read_text()) for name, file in zip(names, files, strict=True)}


def functions() -> Iterator[tuple[str, Function]]:
    """Yield every function of a module, with the module's name."""
    for name, tree in trees().items():
        for node in tree.body:
            if isinstance(node, Function):
                yield name, node


def imports(name: str) -> set[str]:
    """Return the modules of the tests that one of them imports."""
    found: set[str] = set()
    for node in ast.walk(trees()[name]):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    return found & set(trees())


def work(function: Function) -> str:
    """Return what a function does, with all that decides how it is run."""
    body = function.body[ast.get_docstring(function) is not None :]
    return "\n".join(map(ast.unparse, [*function.decorator_list, *body]))


def is_fixture(function: Function) -> bool:
    return any("pytest.fixture" in ast.unparse(each) for each in function.decorator_list)


def is_collected(name: str) -> bool:
    last = name.rpartition(".")[2]
    return last == "conftest" or last.startswith("test_")


def doing_the_same(found: Iterable[tuple[str, Function]], place: Place) -> list[list[str]]:
    """Return the names of functions in one place that do the same, together."""
    by_work: dict[tuple[str, str], list[str]] = defaultdict(list)
    for module, function in found:
        by_work[place(module), work(function)].append(f"{module}.{function.name}")
    return [names for names in by_work.values() if len(names) > 1]


def test_nothing_is_imported_from_a_file_of_tests_or_fixtures() -> None:
    for name in trees():
        assert not set(filter(is_collected, imports(name))), name


def test_the_bench_is_no_test_and_no_test_uses_it() -> None:
    bench = {name for name in trees() if name.startswith(BENCH)}
    assert not set(filter(is_collected, bench))
    assert not {name for name in set(trees()) - bench if imports(name) & bench}


def test_no_fixture_is_there_twice() -> None:
    fixtures = [(module, each) for module, each in functions() if is_fixture(each)]
    assert doing_the_same(fixtures, lambda _: "anywhere") == []


def test_no_two_tests_of_a_folder_do_the_same() -> None:
    tests = [(module, each) for module, each in functions() if each.name.startswith("test_")]
    assert doing_the_same(tests, lambda module: module.rpartition(".")[0]) == []


def test_alice_and_the_others_are_clients() -> None:
    for module, function in functions():
        for argument in function.args.args:
            if argument.arg in PEOPLE and argument.annotation:
                assert ast.unparse(argument.annotation) in CLIENTS, f"{module}.{function.name}"
