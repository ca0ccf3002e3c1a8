"""What is built: small, the same every time, and nothing in it that the board does not need."""

import filecmp
import json
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from infra.onefile import distributions
from service import about
from tests.onefile.builds import NAME, build, git
from tests.onefile.machine import Machine
from tests.servers import PROJECT

pytestmark = pytest.mark.timeout(600)  # a build takes a minute, two at a time more

DEBIAN_12 = 36  # its glibc is 2.36
LARGEST = 40_000_000  # bytes
SILENT = {"peewee", "pysqlite3"}  # they tell their licence in a file alone


def test_the_build_is_one_small_file(built: Path) -> None:
    file = built / NAME
    assert file.stat().st_size < LARGEST
    assert file.stat().st_mode & 0o111


def test_it_names_its_commit_and_the_versions_inside(machine: Machine) -> None:
    told = dict(line.split(maxsplit=1) for line in machine.run("--version").stdout.splitlines())
    assert told[NAME] == about.__version__
    assert told["commit"].split()[0] == git("rev-parse", "HEAD")
    assert told["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"SQLite", "libpq", "OpenSSL", "fastapi", "granian"} <= set(told)


def test_it_holds_what_it_needs_and_nothing_of_the_developers(built: Path) -> None:
    inside = built / "unpacked" / "inside"
    names = {path.name.split("-")[0].lower() for path in inside.glob("*.dist-info")}
    needed = {name.replace("-", "_") for name in distributions.needed()}
    assert names == needed | {"htmx_fastapi_service"}
    everything = {path.name.partition(".")[0] for path in inside.iterdir()}
    assert not everything & {"pytest", "hypothesis", "pulumi", "grpc", "playwright", "PyInstaller"}
    for part in ("_assets/templates/web", "_assets/static/css/style.css", "data/migrations"):
        assert (inside / "service" / part).exists()
    assert not (inside / "service/_assets/static/src").exists()
    assert (inside / "tzdata/zoneinfo/Europe/Berlin").exists()


def test_it_wants_no_newer_glibc_than_the_readme_says(built: Path) -> None:
    (stated,) = re.findall(r"with glibc (2\.\d+) or newer", (PROJECT / "README.md").read_text())
    unpacked = built / "unpacked"
    wanted = subprocess.run(
        ["objdump", "-T", *unpacked.rglob("*.so*"), unpacked / NAME],
        capture_output=True,
        text=True,
        check=False,  # some have no such table
    ).stdout
    newest = max(map(int, re.findall(r"GLIBC_2\.(\d+)", wanted)))
    # A build on a newer system than that of the releases may want what is newer.
    here = int(platform.libc_ver()[1].removeprefix("2."))
    assert newest <= (int(stated.removeprefix("2.")) if here <= DEBIAN_12 else here)


def test_no_library_looks_for_others_where_it_was_built(built: Path) -> None:
    libraries = [str(path) for path in (built / "unpacked").rglob("*.so*")]
    told = subprocess.run(
        ["objdump", "-p", *libraries], capture_output=True, text=True, check=True
    ).stdout
    searched = re.findall(r"^ +(?:RPATH|RUNPATH) +(.*)$", told, re.MULTILINE)
    assert searched
    assert all(folder.startswith("$ORIGIN") for folder in searched)


def test_two_builds_of_a_commit_are_the_same_bytes(built: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "another folder"
    git("clone", "--quiet", str(PROJECT), str(checkout))
    difference = git("diff", "HEAD")
    if difference:  # what is not committed yet
        subprocess.run(
            ["git", "apply"], cwd=checkout, input=f"{difference}\n", text=True, check=True
        )
    build(checkout, tmp_path / "dist", TZ="Asia/Tokyo", LANG="C", HOME=str(tmp_path))
    assert_same(built / "unpacked", tmp_path / "dist" / "unpacked")
    for name in (NAME, f"{NAME}.cdx.json"):
        assert filecmp.cmp(built / name, tmp_path / "dist" / name, shallow=False), name


def assert_same(one: Path, other: Path) -> None:
    """Name the files that differ, which the packed file would not tell."""
    files = {path.relative_to(one) for path in one.rglob("*") if path.is_file()}
    assert files == {path.relative_to(other) for path in other.rglob("*") if path.is_file()}
    _, differing, errors = filecmp.cmpfiles(one, other, map(str, files), shallow=False)
    assert (differing, errors) == ([], [])


def test_the_bill_of_materials_lists_what_is_inside(built: Path) -> None:
    text = (built / f"{NAME}.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    assert git("rev-parse", "HEAD") in bill["metadata"]["component"]["version"]
    libraries = {part["name"]: part["version"] for part in bill["components"] if "version" in part}
    versions = {name: found.version for name, found in distributions.needed().items()}
    assert libraries.items() >= versions.items()
    assert {"python", "htmx.org"} <= libraries.keys()
    native = {part["name"] for part in bill["components"] if part["type"] == "file"}
    unpacked = built / "unpacked"
    assert native == {
        str(path.relative_to(unpacked)) for path in unpacked.rglob("*.so*") if not path.is_symlink()
    }
    unlicensed = {part["name"] for part in bill["components"] if "licenses" not in part}
    assert unlicensed == native | SILENT
