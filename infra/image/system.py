"""What of a Debian system a program needs: shared libraries, and the packages they are of."""

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

FOUND = re.compile(r"^\s+(?:\S+ => )?(/\S+) \(0x", re.MULTILINE)
ELF = b"\x7fELF"


def compiled(folder: Path) -> list[Path]:
    """Return the programs and libraries in a folder."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and is_compiled(path)]


def is_compiled(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ELF)) == ELF


def linked(files: Iterable[Path], searched: Path | str = "") -> set[Path]:
    """Return all libraries that the files load, the loader too; `searched` is looked in first."""
    listed = subprocess.run(
        ["ldd", *files],
        env={**os.environ, "LD_LIBRARY_PATH": str(searched)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if missing := re.findall(r"^\s+(\S+) => not found", listed, re.MULTILINE):
        raise FileNotFoundError(f"No library {', '.join(sorted(set(missing)))} was found.")
    return set(map(Path, FOUND.findall(listed)))


def packages(names: Iterable[str]) -> list[str]:
    """Return the installed packages that have files of these names; some are of none."""
    listed = subprocess.run(
        ["dpkg-query", "--search", *(f"*/{name}" for name in sorted(names))],
        capture_output=True,
        text=True,
        check=False,  # it fails if there is no package for one of them
    ).stdout
    owners = (line.rpartition(": ")[0] for line in listed.splitlines())
    return sorted({owner for line in owners for owner in line.split(", ") if " " not in owner})
