"""The workflows test it all, with what developers run."""

import re
import subprocess
import sys
from pathlib import Path

from infra.commands import kind
from infra.outputs import PROGRAM
from infra.settings import DECLARED
from tests.monitoring.programs import PACKAGES
from tests.scripts import SCRIPTS
from tests.servers import PROJECT
from tests.workflows import ACTIONS, GITHUB, WORKFLOWS, commands, jobs, read, steps


def files_of(arguments: list[str]) -> set[Path]:
    """Return the test files that pytest finds, given these arguments."""
    ignored = {word.partition("=")[2] for word in arguments if word.startswith("--ignore=")}
    paths = [word for word in arguments if not word.startswith("-")] or ["tests"]
    assert all((PROJECT / path).exists() for path in ignored.union(paths))
    return {
        file
        for path in paths
        for file in _test_files(PROJECT / path)
        if not any(file.is_relative_to(PROJECT / other) for other in ignored)
    }


def _test_files(path: Path) -> set[Path]:
    return {path} if path.is_file() else set(path.rglob("test_*.py"))


def test_what_they_run_is_what_developers_run() -> None:
    for file in WORKFLOWS:
        for words in commands(file.stem):
            assert words[:2] == [".pdm/bin/pdm", "run"]
            assert words[2] in {*SCRIPTS, "python"}, f"{file.name}: {words}"
            if words[2] == "python":
                assert words[3] == "-m"
                assert (PROJECT / words[4].replace(".", "/")).with_suffix(".py").is_file()


def test_every_path_they_name_is_there() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    files = tracked.splitlines()
    for file in WORKFLOWS + ACTIONS:
        text = file.read_text()
        for path in re.findall(r"(?<![\w/])(?:\.github|\.bin|tests)/[\w./-]+", text):
            assert (PROJECT / path).exists(), f"{file.name}: {path}"
    for pattern in read(GITHUB / "workflows" / "kind.yml")["on"]["pull_request"]["paths"]:
        assert any(Path(name).full_match(pattern) for name in files), pattern


def test_no_test_is_forgotten() -> None:
    runs = [words[3:] for words in commands("ci") if words[1:3] == ["run", "test"]]
    tested = set[Path]().union(*map(files_of, runs))
    assert tested == _test_files(PROJECT / "tests")
    assert sum(len(files_of(run)) for run in runs) == len(tested), "some run twice"
    assert [".pdm/bin/pdm", "run", "check"] in commands("ci")


def test_the_programs_that_tests_look_for_are_installed() -> None:
    here = (PROJECT / ".ci/run").read_text()
    assert all(f"missing+=({package})" in here for package in PACKAGES.values())
    for entry in jobs()["ci", "test"]["strategy"]["matrix"]["include"]:
        folders = {file.parent for file in files_of(entry["tests"].split())}
        texts = "".join(file.read_text() for each in folders for file in each.glob("*.py"))
        needed = {package for program, package in PACKAGES.items() if f'"{program}"' in texts}
        assert needed <= set(entry["packages"].split()), entry["part"]


def test_checkov_is_the_same_here_and_there() -> None:
    texts = [file.read_text() for file in (PROJECT / ".ci/run", GITHUB / "workflows/ci.yml")]
    here, there = (re.findall(r"checkov==(\S+)", text) for text in texts)
    assert here == there
    assert len(here) == 1


def test_the_one_file_is_built_and_tried_on_both_platforms() -> None:
    job = jobs()["ci", "build"]
    entries = job["strategy"]["matrix"]["include"]
    assert {entry["arch"]: entry["runner"].endswith("-arm") for entry in entries} == {
        "amd64": False,
        "arm64": True,
    }
    ran = [step.get("run", "") for step in job["steps"]]
    build, tried = ran.index(".pdm/bin/pdm run build"), ran.index(".pdm/bin/pdm run test-build")
    (checked,) = [number for number, script in enumerate(ran) if "OLDEST" in script]
    assert checked < build < tried


def test_the_check_of_sqlite_fails_where_it_is_too_old() -> None:
    (script,) = [step["run"] for step in steps("ci") if "OLDEST" in step.get("run", "")]
    for oldest, fails in (("(3, 0)", False), ("(99, 0)", True)):
        prepared = "from service.data import sqlite; sqlite.OLDEST = "
        code = script.split('-c "', 1)[1].rstrip().removesuffix('"')
        done = subprocess.run(
            [sys.executable, "-c", f"{prepared}{oldest}\n{code}"],
            cwd=PROJECT,
            capture_output=True,
            check=False,
        )
        assert bool(done.returncode) == fails, done.stderr


def test_kind_names_what_the_deployment_is_called() -> None:
    text = (GITHUB / "workflows" / "kind.yml").read_text()
    assert set(re.findall(r"--context (\S+)", text)) == {kind.CONTEXT}
    assert set(re.findall(r"--namespace (\S+)", text)) == {DECLARED["namespace"].default}
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", text)) == {str(kind.NODE_PORT)}
    assert f"{PROGRAM} user add alice" in text
