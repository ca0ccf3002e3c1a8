"""The workflows are what they have to be: valid, pinned, with few rights."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.servers import PROJECT
from tests.workflows import ACTIONS, GITHUB, WORKFLOWS, jobs, read, steps

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


@pytest.mark.parametrize("name", ["rescan", "kind"])
def test_what_changes_by_itself_is_tried_each_week(name: str) -> None:
    (when,) = read(GITHUB / "workflows" / f"{name}.yml")["on"]["schedule"]
    minute, hour, *_, weekday = when["cron"].split()
    assert all(field.isdigit() for field in (minute, hour, weekday))
