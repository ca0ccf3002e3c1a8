"""What the release workflow asks of `.github/release.py`, in a project made for it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.servers import PROJECT

REPOSITORY = "Somebody/Board"
SOURCE = "https://git.example.org/board"
IMAGE = "ghcr.io/somebody/board"
PYTHON, DEBIAN = "python:3.13.9-slim@sha256:111", "debian:13.2-slim@sha256:222"
DOCKERFILE = """\
# FROM commented:1
ARG RELEASE=13.2
FROM --platform=$BUILDPLATFORM python:3.13.9-slim AS build
COPY --from=tools:1.2 /tool /tool
RUN --mount=type=bind,from=wheels:3,target=/wheels make
FROM debian:${RELEASE}-slim AS base
FROM base
COPY --from=build /app \\
    /app
"""
# Says what it was asked, resolves names, and builds as Docker does.
DOCKER = """\
#!{python}
import json, sys
digests = {{"python:3.13.9-slim": "sha256:111", "debian:13.2-slim": "sha256:222"}}
command = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(json.dumps(command) + "\\n")
if command[:3] == ["buildx", "imagetools", "inspect"]:
    print(digests.get(command[3], "sha256:333"))
else:
    print("much that is for people")
    (file,) = [word for word in command if word.startswith("--metadata-file=")]
    with open(file.partition("=")[2], "w") as told:
        json.dump({{"containerimage.digest": "sha256:abc"}}, told)
"""


class Project:
    """A folder with what a release is made of, and a Docker that only writes down."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "docker.log"
        for name in (".github", "service", "bin"):
            (folder / name).mkdir()
        shutil.copy(PROJECT / ".github" / "release.py", folder / ".github")
        self.says("1.2.3", "1.2.3")
        (folder / "Dockerfile").write_text(DOCKERFILE)
        docker = folder / "bin" / "docker"
        docker.write_text(DOCKER.format(python=sys.executable, log=str(self.log)))
        docker.chmod(0o755)

    def says(self, version: str, newest: str) -> None:
        (self.folder / "service" / "__init__.py").write_text(
            f'"""It."""\n\n__version__ = "{version}"\n'
        )
        changes = f"## {newest} - 2026-11-22\n\nNews.\n\n- One.\n\n## 0.1.0 - 2026-01-01\n\nOld.\n"
        (self.folder / "CHANGELOG.md").write_text(f"# Changelog\n\n{changes}")

    def commit(self) -> str:
        for command in (
            ["init", "-q"],
            ["add", "service"],
            ["-c", "user.name=a", "-c", "user.email=a@b.test", "commit", "-qm", "One"],
        ):
            subprocess.run(["git", *command], cwd=self.folder, check=True)
        return subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [sys.executable, ".github/release.py", *arguments],
            cwd=self.folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    def asked_of_docker(self) -> list[list[str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("version", "prerelease"), [("1.2.3", "false"), ("1.2.3rc1", "true"), ("10.0.0a2", "true")]
)
def test_a_tag_that_is_the_version_of_all_is_released(
    project: Project, version: str, prerelease: str
) -> None:
    project.says(version, version)
    done = project.run("version", f"v{version}", REPOSITORY)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"version={version}",
        f"prerelease={prerelease}",
        f"image={IMAGE}",
    ]


@pytest.mark.parametrize(
    ("tag", "version", "newest", "said"),
    [
        ("v1.2.4", "1.2.3", "1.2.3", "The tag is v1.2.4, but service/__init__.py says 1.2.3."),
        ("1.2.3", "1.2.3", "1.2.3", "The tag is 1.2.3, but service/__init__.py says 1.2.3."),
        ("v1.2.3", "1.2.3", "1.2.2", "The tag is v1.2.3, but CHANGELOG.md begins with 1.2.2."),
        ("v1.2.3+a", "1.2.3+a", "1.2.3+a", "1.2.3+a is no version to release, like 1.2.3 or"),
        ("vlatest", "latest", "latest", "latest is no version to release, like 1.2.3 or"),
    ],
)
def test_any_other_tag_is_refused(
    project: Project, tag: str, version: str, newest: str, said: str
) -> None:
    project.says(version, newest)
    done = project.run("version", tag, REPOSITORY)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def test_this_project_could_be_released_by_its_tag() -> None:
    from service import __version__

    script = [sys.executable, ".github/release.py", "version", f"v{__version__}", REPOSITORY]
    done = subprocess.run(script, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"version={__version__}\n"), done.stderr


def test_every_image_from_elsewhere_is_resolved(project: Project) -> None:
    assert project.run("bases").stdout.splitlines() == [
        PYTHON,
        "tools:1.2@sha256:333",
        "wheels:3@sha256:333",
        DEBIAN,
    ]


def test_an_image_that_has_a_digest_keeps_it(project: Project) -> None:
    (project.folder / "Dockerfile").write_text("FROM debian:13@sha256:f00\n")
    assert project.run("bases").stdout == "debian:13@sha256:f00\n"
    assert not project.log.exists()


def test_an_image_that_nobody_names_is_refused(project: Project) -> None:
    (project.folder / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\n")
    done = project.run("bases")
    assert (done.returncode, done.stderr) == (1, "The Dockerfile does not say what 'BASE' is.\n")


def test_the_image_is_built_on_just_the_resolved_ones_and_pushed_without_a_name(
    project: Project,
) -> None:
    commit = project.commit()
    done = project.run("build", IMAGE, "linux/arm64", SOURCE, PYTHON, DEBIAN)
    assert (done.returncode, done.stdout) == (0, "arm64=sha256:abc\n"), done.stderr
    (command,) = project.asked_of_docker()
    assert command[:4] == ["buildx", "build", "--platform", "linux/arm64"]
    assert command[-1] == "."
    assert {
        f"--build-context=python:3.13.9-slim=docker-image://{PYTHON}",
        f"--build-context=debian:13.2-slim=docker-image://{DEBIAN}",
        "--build-arg=VERSION=1.2.3",
        f"--build-arg=SOURCE_COMMIT={commit}",
        f"--build-arg=SOURCE={SOURCE}",
        f"--output=type=image,name={IMAGE},push-by-digest=true,name-canonical=true,push=true",
        "--provenance=mode=max",
    } <= set(command)
    assert not any(word.startswith(("--tag", "-t")) for word in command)


def test_every_argument_it_gives_is_one_the_dockerfile_takes(project: Project) -> None:
    project.commit()
    project.run("build", IMAGE, "linux/arm64", SOURCE)
    (command,) = project.asked_of_docker()
    given = {word.split("=")[1] for word in command if word.startswith("--build-arg=")}
    dockerfile = (PROJECT / "Dockerfile").read_text()
    assert given == set(re.findall(r"^ARG (\w+)", dockerfile, re.MULTILINE))


def test_a_build_that_fails_names_no_digest(project: Project) -> None:
    project.commit()
    (project.folder / "bin" / "docker").write_text("#!/bin/sh\nexit 3\n")
    done = project.run("build", IMAGE, "linux/amd64", SOURCE, DEBIAN)
    assert done.returncode != 0
    assert done.stdout == ""


def test_the_notes_tell_what_changed_and_what_the_image_stands_on(project: Project) -> None:
    assert project.run("notes", IMAGE, "sha256:abc", PYTHON, DEBIAN).stdout == dedent(f"""\
        News.

        - One.

        Image: `{IMAGE}:1.2.3@sha256:abc`, built on
        - `{PYTHON}`
        - `{DEBIAN}`

        `gh attestation verify` says where the image and each of the files were built.
        """)
