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
    for name in _base_images(_read("Dockerfile")):
        digest = "" if "@" in name else f"@{_digest(name)}"
        print(f"{name}{digest}")


def build(image: str, platform: str, source: str, pinned: list[str]) -> None:
    """Build the image for one platform on just these bases, push it nameless, print its digest."""
    commit, moment, created = _run("git", "log", "-1", "--format=%H %ct %cI").split()
    given = {
        "VERSION": _version(),
        "SOURCE": source,
        "SOURCE_COMMIT": commit,
        "SOURCE_DATE_EPOCH": moment,
        "CREATED": created,
    }
    command = ["docker", "buildx", "build", "--platform", platform]
    command += [f"--build-arg={name}={value}" for name, value in given.items()]
    for base in pinned:
        command.append(f"--build-context={base.partition('@')[0]}=docker-image://{base}")
    command += ["--provenance=mode=max", f"--sbom=generator={SBOM_GENERATOR}"]
    options = "push-by-digest=true,name-canonical=true,push=true"
    command.append(f"--output=type=image,name={image},{options}")
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "metadata.json"
        _show(*command, f"--metadata-file={told}", ".")
        digest = json.loads(told.read_text())["containerimage.digest"]
    print(f"{platform.rpartition('/')[2]}={digest}")


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


def _base_images(dockerfile: str) -> list[str]:
    """Return the images that a Dockerfile takes from elsewhere."""
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)", dockerfile, re.M))
    stages = {"scratch"}
    found: list[str] = []
    for line in dockerfile.replace("\\\n", " ").splitlines():
        if line.startswith("#"):
            continue
        names = OTHER_STAGE.findall(line)
        stage = STAGE.match(line)
        if stage:
            try:
                names = [re.sub(r"\$\{?(\w+)\}?", lambda told: arguments[told[1]], stage[1])]
            except KeyError as unknown:
                raise RefusedError(f"The Dockerfile does not say what {unknown} is.") from None
        found += [name for name in names if name not in stages and not name.isdigit()]
        if stage and stage[2]:
            stages.add(stage[2])
    return list(dict.fromkeys(found))


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
        (build, ["image", "platform", "source"]),
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
