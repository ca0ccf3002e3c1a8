"""The workflows are what they have to be: valid, pinned, with few rights, and they test it all."""

import functools
import re
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from infra.commands import kind
from infra.outputs import PROGRAM
from tests.scripts import SCRIPTS
from tests.servers import PROJECT

GITHUB = PROJECT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted(GITHUB.glob("actions/*/action.yml"))
# What jobs may do besides reading: nobody else gets more than that.
MAY_WRITE = {
    ("release", "image"): {"packages"},
    ("release", "scan"): {"security-events"},
    ("release", "publish"): {"contents", "packages", "id-token", "attestations"},
    ("rescan", "scan"): {"security-events"},
    ("scan", "trivy"): {"security-events"},
}
HAS_SECRETS = {("release", "publish")}
# Runs of pull requests are those of strangers.
OF_STRANGERS = {"ci", "kind"}
OWN = re.compile(r"\$/(\.github/[\w./-]+)")
PINNED = re.compile(r"([\w-]+/[\w-]+)(?:/[\w/-]+)?@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)")

Job = dict[str, Any]


@functools.cache
def read(file: Path) -> dict[str, Any]:
    return YAML(typ="safe").load(file)


def jobs() -> dict[tuple[str, str], Job]:
    """Return every job there is, by its workflow and its own name."""
    return {
        (file.stem, name): job for file in WORKFLOWS for name, job in read(file)["jobs"].items()
    }


def steps(name: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield the steps of one workflow, or of all."""
    for (workflow, _), job in jobs().items():
        if name in {None, workflow}:
            yield from job.get("steps", [])


def commands(name: str) -> list[list[str]]:
    """Return each `pdm` that a workflow runs, word by word, for each entry of the matrices."""
    found: list[list[str]] = []
    for (workflow, _), job in jobs().items():
        for entry in job.get("strategy", {}).get("matrix", {}).get("include", [{}]):
            for step in job.get("steps", []):
                script = step.get("run", "") if workflow == name else ""
                for variable, value in step.get("env", {}).items():
                    script = script.replace(f"${variable}", _filled(str(value), entry))
                lines = re.findall(r"\.pdm/bin/pdm .*", script)
                found += [words for words in map(shlex.split, lines) if words not in found]
    return found


def _filled(value: str, entry: dict[str, Any]) -> str:
    for name, content in entry.items():
        value = value.replace(f"${{{{ matrix.{name} }}}}", str(content))
    return value


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


def run_tool(name: str, *arguments: str) -> str:
    """Run one of the environment's programs; return what it says if it fails."""
    program = Path(sysconfig.get_path("scripts")) / name
    done = subprocess.run(
        [str(program), *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode else ""


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", WORKFLOWS),
        ("github-actions", ACTIONS),
        ("dependabot", [GITHUB / "dependabot.yml"]),
    ],
)
def test_workflows_actions_and_dependabot_are_valid(schema: str, files: list[Path]) -> None:
    assert files
    check = ["--builtin-schema", f"vendor.{schema}", *map(str, files)]
    assert run_tool("check-jsonschema", *check) == ""


def test_no_update_is_younger_than_a_week() -> None:
    updates = read(GITHUB / "dependabot.yml")["updates"]
    assert {update["cooldown"]["default-days"] for update in updates} == {7}


def test_zizmor_finds_nothing_and_is_told_to_ignore_nothing() -> None:
    arguments = ["--offline", "--persona", "auditor", "--strict-collection", "--no-ignores"]
    assert run_tool("zizmor", *arguments, str(GITHUB)) == ""


def test_everything_used_is_ours_or_one_commit() -> None:
    commits: dict[str, set[tuple[str, str]]] = {}
    for file in WORKFLOWS + ACTIONS:
        for used in re.findall(r"uses: (.*)", file.read_text()):
            if own := OWN.fullmatch(used):
                path = GITHUB.parent / own[1]
                assert path.is_file() or (path / "action.yml").is_file(), used
                continue
            pinned = PINNED.fullmatch(used)
            assert pinned, f"{file.name}: {used}"
            commits.setdefault(pinned[1], set()).add((pinned[2], pinned[3]))
    assert all(len(different) == 1 for different in commits.values()), commits


def test_jobs_have_the_rights_they_need_and_no_others() -> None:
    assert all(read(file)["permissions"] == {} for file in WORKFLOWS)
    written = {
        name: {right for right, kind in job["permissions"].items() if kind != "read"}
        for name, job in jobs().items()
    }
    assert {name: rights for name, rights in written.items() if rights} == MAY_WRITE


def test_strangers_get_no_secret_and_no_right_to_write() -> None:
    started_by = {file.stem: set(read(file)["on"]) for file in WORKFLOWS}
    assert {name for name, events in started_by.items() if "pull_request" in events} == OF_STRANGERS
    every = set[str]().union(*started_by.values())
    known = {"push", "pull_request", "schedule", "workflow_call", "workflow_dispatch"}
    assert every <= known  # the others run with secrets on what a stranger sent
    assert not {workflow for workflow, _ in MAY_WRITE} & OF_STRANGERS
    assert {name for name, job in jobs().items() if "secrets" in str(job)} == HAS_SECRETS
    assert all("environment" in jobs()[name] for name in HAS_SECRETS)
    assert not any("secrets" in file.read_text() for file in ACTIONS)


def test_no_cache_is_kept_between_runs() -> None:
    for step in [*steps(), *(step for file in ACTIONS for step in read(file)["runs"]["steps"])]:
        assert "actions/cache" not in step.get("uses", "")
        assert step.get("with", {}).get("cache", "false") == "false"
        if "trivy-action" in step.get("uses", ""):
            assert step["with"]["cache"] == "false"  # it would


def test_every_job_ends_and_runs_on_a_named_system() -> None:
    for name, job in jobs().items():
        if "uses" in job:
            continue
        assert job["timeout-minutes"] <= 45, name
        runners = [job["runs-on"]]
        if "matrix" in job["runs-on"]:
            runners = [entry["runner"] for entry in job["strategy"]["matrix"]["include"]]
        assert all(re.fullmatch(r"ubuntu-\d\d\.04(-arm)?", runner) for runner in runners), name


def test_scripts_are_bash_that_fails_when_a_part_of_a_pipe_does() -> None:
    for file in WORKFLOWS:
        scripts = [step["run"] for step in steps(file.stem) if "run" in step]
        if scripts:
            assert read(file)["defaults"] == {"run": {"shell": "bash"}}
        for script in scripts:
            parsed = subprocess.run(
                ["bash", "-n"], input=script, capture_output=True, text=True, check=False
            )
            assert parsed.stderr == "", f"{file.name}: {script}"


def test_what_one_job_or_step_asks_of_another_is_there() -> None:
    for (workflow, name), job in jobs().items():
        text = str(job)
        ids = {step["id"] for step in job.get("steps", []) if "id" in step}
        assert all(re.fullmatch(r"[a-z]+", own) for own in ids)  # GitHub fills in nothing there
        assert set(re.findall(r"steps\.(\w+)\.", text)) == ids, name
        for needed, output in re.findall(r"needs\.(\w+)\.outputs\.(\w+)", text):
            assert needed in job["needs"], name
            assert output in jobs()[workflow, needed]["outputs"], name


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


def test_nothing_is_published_before_all_has_passed() -> None:
    release = read(GITHUB / "workflows" / "release.yml")
    assert release["on"] == {"push": {"tags": ["v*"]}}
    named = release["jobs"]
    assert set(named["publish"]["needs"]) == set(named) - {"publish"}
    assert all("version" in named[name]["needs"] for name in set(named) - {"version"})
    assert not any("always()" in str(job) for job in named.values())
    assert "continue-on-error" not in str(release)
    pushing = [name for name, job in named.items() if "imagetools create" in str(job)]
    assert pushing == ["publish"]


def test_an_image_is_never_called_latest() -> None:
    text = (GITHUB / "workflows" / "release.yml").read_text()
    assert set(re.findall(r'--tag "[^"]*:([^":]+)"', text)) == {"$VERSION"}
    assert "latest" not in text


def test_what_is_released_is_scanned_and_attested() -> None:
    fails = [step["with"] for step in steps("scan") if "exit-code" in step.get("with", {})]
    (strict,) = fails
    assert strict["severity"] == "HIGH,CRITICAL"
    assert (strict["ignore-unfixed"], strict["exit-code"]) == ("true", "1")
    (whole,) = [step["with"] for step in steps("scan") if step.get("with", {}).get("output")]
    (upload,) = [step["with"] for step in steps("scan") if "upload-sarif" in step.get("uses", "")]
    assert (whole["format"], whole["output"]) == ("sarif", upload["sarif_file"])
    given = [step["with"] for step in steps("release") if "actions/attest" in step.get("uses", "")]
    assert [next(iter(attested.values())) for attested in given] == [
        "release/SHA256SUMS",
        "release/htmx-fastapi-service-linux-amd64",
        "release/htmx-fastapi-service-linux-arm64",
        "${{ needs.version.outputs.image }}",
    ]
    assert [attested.get("sbom-path", "")[-8:] for attested in given[1:3]] == ["cdx.json"] * 2


def test_kind_names_what_the_deployment_is_called() -> None:
    text = (GITHUB / "workflows" / "kind.yml").read_text()
    assert set(re.findall(r"--context (\S+)", text)) == {kind.CONTEXT}
    assert set(re.findall(r"--namespace (\S+)", text)) == {kind.NAMESPACE}
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", text)) == {str(kind.NODE_PORT)}
    assert f"{PROGRAM} user add alice" in text


@pytest.mark.parametrize("name", ["rescan", "kind"])
def test_what_changes_by_itself_is_tried_each_week(name: str) -> None:
    (when,) = read(GITHUB / "workflows" / f"{name}.yml")["on"]["schedule"]
    minute, hour, *_, weekday = when["cron"].split()
    assert all(field.isdigit() for field in (minute, hour, weekday))
