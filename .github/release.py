"""What the release workflow needs more than one command for: `python3 .github/release.py -h`.

It needs git and Docker, no package and no environment.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")  # a tag of an image can't hold every version
# BuildKit is what `docker buildx create` was given; this lists what is inside the image.
SBOM_GENERATOR = "docker/buildkit-syft-scanner:1.12.0"
LABEL = "org.opencontainers.image"
STAGE = re.compile(r"FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.I)
OTHER_STAGE = re.compile(r"(?:--|,)from=([^\s,]+)")


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
    for name in _base_images(_read("Dockerfile"))[0]:
        digest = "" if "@" in name else f"@{_digest(name)}"
        print(f"{name}{digest}")


def build(image: str, platform: str, pinned: list[str]) -> None:
    """Build the image for one platform on just these bases, push it nameless, print its digest."""
    commit, moment = _run("git", "log", "-1", "--format=%H %ct").split()
    labels = {"version": _version(), "revision": commit}
    contexts = []
    last = _base_images(_read("Dockerfile"))[1]
    for base in pinned:
        name, _, digest = base.partition("@")
        contexts.append(f"--build-context={name}=docker-image://{base}")
        if last in {name, base}:
            labels |= {"base.name": name, "base.digest": digest}
    command = ["docker", "buildx", "build", "--platform", platform, *contexts]
    command += ["--provenance", "mode=max", "--sbom", f"generator={SBOM_GENERATOR}"]
    command += [f"--label={LABEL}.{name}={value}" for name, value in labels.items()]
    options = "push-by-digest=true,name-canonical=true,push=true"
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
    found = re.search(r'^__version__ = "(.+)"$', _read("service/__init__.py"), re.M)
    if not found:
        raise RefusedError("service/__init__.py has no __version__.")
    return found[1]


def _newest_change() -> tuple[str, str]:
    """Return the version on top of CHANGELOG.md, and what it says of it."""
    _, entry, *_ = _read("CHANGELOG.md").split("\n## ")
    head, _, text = entry.partition("\n")
    return head.split(" - ")[0], text.strip()


def _base_images(dockerfile: str) -> tuple[list[str], str]:
    """Return the images that a Dockerfile takes from elsewhere, and which the last stage is on."""
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)", dockerfile, re.M))
    stages: dict[str, str] = {}
    found: list[str] = []
    last = ""
    for line in dockerfile.replace("\\\n", " ").splitlines():
        if line.startswith("#"):
            continue
        found += [name for name in OTHER_STAGE.findall(line) if name not in stages]
        if stage := STAGE.match(line):
            try:
                name = re.sub(r"\$\{?(\w+)\}?", lambda told: arguments[told[1]], stage[1])
            except KeyError as unknown:
                raise RefusedError(f"The Dockerfile does not say what {unknown} is.") from None
            last = stages.get(name, name)
            found.append(last)
            if stage[2]:
                stages[stage[2]] = last
    return [name for name in dict.fromkeys(found) if name != "scratch" and not name.isdigit()], last


def _digest(name: str) -> str:
    return _run("docker", "buildx", "imagetools", "inspect", name, "--format={{.Manifest.Digest}}")


def _read(name: str) -> str:
    return (ROOT / name).read_text()


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
