"""What the release workflow does that is more than one command: `python3 .github/release.py --help`.

It needs git and Docker, no package and no environment.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")  # a tag of an image can't hold every version
# BuildKit is what `docker buildx create` was given; this lists what is inside the image.
SBOM_GENERATOR = "docker/buildkit-syft-scanner:1.12.0"
LABEL = "org.opencontainers.image"


class RefusedError(Exception):
    """A release that must not be made, in one sentence."""


def version(tag: str, repository: str) -> None:
    """Print what a tag releases, as outputs of a step; refuse one that the project contradicts."""
    found = _version()
    if tag != f"v{found}":
        raise RefusedError(f"The tag is {tag}, but service/__init__.py says {found}.")
    if not VERSION.fullmatch(found):
        raise RefusedError(f"{found} is no version to release, like 1.2.3 or 1.2.3rc1.")
    if (newest := _newest_change()[0]) != found:
        raise RefusedError(f"The tag is {tag}, but CHANGELOG.md begins with {newest}.")
    print(f"version={found}")
    print(f"prerelease={json.dumps(not re.fullmatch(r'[0-9.]+', found))}")
    print(f"image=ghcr.io/{repository.lower()}")


def bases() -> None:
    """Print the images that the Dockerfile builds on, each with the digest it has right now."""
    for name in _base_images((ROOT / "Dockerfile").read_text()):
        digest = "" if "@" in name else f"@{_digest(name)}"
        print(f"{name}{digest}")


def build(image: str, platform: str, pinned: list[str]) -> None:
    """Build the image for one platform on just these bases, push it nameless, print its digest."""
    commit, moment = _run("git", "log", "-1", "--format=%H %ct").split()
    labels = {"version": _version(), "revision": commit}
    if pinned:
        name, _, digest = pinned[-1].partition("@")  # the last stage's
        labels |= {"base.name": name, "base.digest": digest}
    command = ["docker", "buildx", "build", "--platform", platform]
    command += ["--provenance", "mode=max", "--sbom", f"generator={SBOM_GENERATOR}"]
    command += [f"--label={LABEL}.{name}={value}" for name, value in labels.items()]
    for base in pinned:
        name, _, digest = base.partition("@")
        command.append(f"--build-context={name}=docker-image://{base}")
    options = "push-by-digest=true,name-canonical=true,push=true,rewrite-timestamp=true"
    command += ["--output", f"type=image,name={image},{options}"]
    command += ["--build-arg", f"SOURCE_DATE_EPOCH={moment}"]
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "metadata.json"
        _show(*command, "--metadata-file", str(told), ".")
        print(f"digest={json.loads(told.read_text())['containerimage.digest']}")


def notes(image: str, digest: str, pinned: list[str]) -> None:
    """Print a release's notes: what changed, and what the image is and stands on."""
    print(_newest_change()[1])
    print(f"\nImage: `{image}:{_version()}@{digest}`, built on")
    for base in pinned:
        print(f"- `{base}`")
    print("\n`gh attestation verify` says where the image and each of the files were built.")


def _version() -> str:
    found = re.search(r'^__version__ = "(.+)"$', (ROOT / "service/__init__.py").read_text(), re.M)
    if not found:
        raise RefusedError("service/__init__.py has no __version__.")
    return found[1]


def _newest_change() -> tuple[str, str]:
    """Return the version on top of CHANGELOG.md, and what it says of it."""
    _, entry, *_ = (ROOT / "CHANGELOG.md").read_text().split("\n## ")
    head, _, text = entry.partition("\n")
    return head.split(" - ")[0], text.strip()


def _base_images(dockerfile: str) -> list[str]:
    """Return the images that a Dockerfile takes from elsewhere, that of the last stage last."""
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)", dockerfile, re.M))
    stages: dict[str, str] = {}
    found: list[str] = []
    last = ""
    lines = re.sub(r"\\\n", " ", dockerfile).splitlines()
    for words in (shlex.split(line, comments=True) for line in lines if "FROM" in line.upper()):
        own = [word for word in words[1:] if not word.startswith("--")]
        froms = [word.removeprefix("--from=") for word in words if word.startswith("--from=")]
        if words and words[0].upper() == "FROM":
            froms = [re.sub(r"\$\{?(\w+)\}?", lambda name: arguments[name[1]], own[0])]
            last = stages.get(froms[0], froms[0])
            if len(own) > 1:
                stages[own[2]] = last
        found += [name for name in froms if name not in stages and not name.isdigit()]
    outside = [name for name in dict.fromkeys(found) if name not in {"scratch", last}]
    return outside if last in {"", "scratch"} else [*outside, last]


def _digest(name: str) -> str:
    return _run("docker", "buildx", "imagetools", "inspect", name, "--format={{.Manifest.Digest}}")


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def _show(*command: str) -> None:
    """Run a command whose output is for people: what this program prints is for the workflow."""
    subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    for function, arguments in (
        (version, ["tag", "repository"]),
        (bases, []),
        (build, ["image", "platform"]),
        (notes, ["image", "digest"]),
    ):
        command = commands.add_parser(function.__name__, help=function.__doc__)
        for argument in arguments:
            command.add_argument(argument)
        if function in {build, notes}:
            command.add_argument("pinned", nargs="*", help="a base image with its digest")
        command.set_defaults(function=function)
    asked = vars(parser.parse_args())
    try:
        asked.pop("function")(**asked)
    except RefusedError as refused:
        sys.exit(str(refused))


if __name__ == "__main__":
    main()
