"""Lays out the image's two layers: `program/`, and `system/`, the rest of its files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.image import system
from infra.onefile.__main__ import DIST, FOLDER
from infra.onefile.distributions import PROGRAM

USER = 10001  # and its group
NOWHERE = "/nonexistent"  # nobody has a shell
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
FILES = {
    "etc/passwd": f"root:x:0:0::/:{NOWHERE}\nboard:x:{USER}:{USER}::/data:{NOWHERE}\n",
    "etc/group": f"root:x:0:\nboard:x:{USER}:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def main() -> None:
    image, moment = Path(sys.argv[1]), int(os.environ["SOURCE_DATE_EPOCH"])
    app, root = image / "program" / "app", image / "system"
    shutil.copytree(DIST / FOLDER, app, symlinks=True)
    shutil.copy(DIST / f"{PROGRAM}.cdx.json", app)  # scanners look for it
    inside = app / "inside"
    libraries = system.linked([app / PROGRAM])  # it starts before it has told the loader of inside/
    libraries |= system.linked(system.compiled(inside), searched=inside)
    libraries = {path for path in libraries if not path.is_relative_to(app)}
    for path in (*libraries, Path("/", CERTIFICATES), Path("/etc/os-release")):
        _copy(path, root)
    for name, text in FILES.items():
        (root / name).write_text(text)
    names = {path.name for path in libraries} | {path.name for path in inside.glob("*.so*")}
    _tell_of(["ca-certificates", *system.packages(names)], root)
    _settle(image, moment)
    _open_to_user(root, moment)


def _copy(path: Path, root: Path) -> None:
    target = root / path.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)


def _tell_of(packages: list[str], root: Path) -> None:
    """Leave the versions of Debian's packages, where scanners look for them, and their licences."""
    status = root / "var/lib/dpkg/status.d"
    status.mkdir(parents=True)
    for package in packages:
        name = package.partition(":")[0]
        told = subprocess.run(["dpkg-query", "--status", package], capture_output=True, check=True)
        (status / name).write_bytes(told.stdout)
        licences = Path("/usr/share/doc", name, "copyright")
        if licences.exists():
            _copy(licences, root)


def _settle(image: Path, moment: int) -> None:
    """Let nothing tell of the hour and the umask of the build."""
    for path in sorted(image.rglob("*"), reverse=True):  # what is in a folder comes before it
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (moment, moment), follow_symlinks=False)


def _open_to_user(root: Path, moment: int) -> None:
    for name, mode, owner in (("tmp", 0o1777, 0), ("data", 0o700, USER)):
        folder = root / name
        folder.mkdir()
        folder.chmod(mode)
        os.chown(folder, owner, owner)
        os.utime(folder, (moment, moment))


if __name__ == "__main__":
    main()
