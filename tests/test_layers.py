"""The house: a module imports only from floors below its own."""

import ast
from pathlib import Path

import pytest

SERVICE = Path(__file__).parent.parent / "service"

# What stands on each floor; `name/` is a folder of modules that don't import one another.
FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "__init__",
        "config",
        "errors",
        "clock",
        "words",
        "characters",
        "links",
        "passwords",
        "confusables",
        "turns",
        "networks",
        "unreadable",
        "pdm_build",
    ),
    (
        "db",
        "columns",
        "tokens",
        "lookalikes",
        "logs",
        "assets",
        "files",
        "seal",
        "query",
        "probe",
        "cookies",
        "proxies",
        "bodies",
        "slots",
        "together",
        "lanes",
        "paces",
        "splices",
    ),
    ("models", "wire", "timed", "outages", "rules", "markup", "standard", "migrations/"),
    ("events", "posts", "archive", "search", "reindex", "names", "places", "failures", "keys"),
    ("accounts", "sessions", "messages", "throttle", "backup", "saved", "restore"),
    ("render", "newest", "forms", "streams", "sign_in"),
    ("frames", "recent"),
    ("live", "written"),
    ("guards", "envelope", "board"),
    ("routes/", "checks/", "description"),
    ("app", "demo", "export", "console", "doctor", "about", "supervisor"),
    ("commands/",),
    ("cli",),
    ("__main__",),
)
NEVER = {("migrations/", "models")}


def modules() -> list[Path]:
    return sorted(SERVICE.rglob("*.py"))


def room(module: str) -> str:
    """Return the entry of the table that a dotted name inside `service` belongs to."""
    first, _, rest = module.partition(".")
    return f"{first}/" if rest or (SERVICE / first).is_dir() else first


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(SERVICE).with_suffix("").parts)


def imports(file: Path) -> set[str]:
    """Return the modules of `service` that a file imports, as dotted names inside it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} imports relatively"
            origin = node.module or ""
            path = SERVICE.parent.joinpath(*origin.split("."))
            names = [f"{origin}.{a.name}" if path.is_dir() else origin for a in node.names]
        else:
            continue
        found |= {name.removeprefix("service.") for name in names if name.startswith("service.")}
    return {name for name in found if not name.startswith("__version__")}


def floor(entry: str) -> int:
    (number,) = [n for n, entries in enumerate(FLOORS) if entry in entries]
    return number


def test_every_module_has_one_floor() -> None:
    rooms = {room(name_of(file)) for file in modules()}
    assert rooms == {entry for entries in FLOORS for entry in entries}


@pytest.mark.parametrize("file", modules(), ids=name_of)
def test_imports_go_down(file: Path) -> None:
    own = room(name_of(file))
    for imported in imports(file):
        target = room(imported)
        assert floor(target) < floor(own), f"{name_of(file)} imports {imported}"
        assert (own, target) not in NEVER


def test_the_test_sees_imports() -> None:
    assert {"messages", "render", "live"} <= imports(SERVICE / "routes" / "messages.py")
    assert "routes.events" in imports(SERVICE / "app.py")


def test_nothing_touches_the_database_in_async_def() -> None:
    for file in modules():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.AsyncFunctionDef):
                calls = [ast.unparse(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)]
                touching = {"db.read", "db.write", "db.ping", "db.notify", "db.listen"}
                assert not touching & set(calls), f"{file.name}: {node.name}"
