"""`pdm run build`: one file that runs the board, its bill of materials, and it as a folder."""

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import click

from infra.onefile import bundle, sbom
from infra.onefile.distributions import PROGRAM
from service import __version__

DIST = bundle.ROOT / "dist"
FOLDER = "unpacked"  # for those who need no one file: images
LAUNCHER = Path(__file__).with_name("launcher.sh")
GZIP_LEVEL = 7  # the highest makes it a four hundredth smaller, in more than twice the time


@click.command()
@click.option("--into", type=click.Path(path_type=Path), default=DIST)
def main(into: Path) -> None:
    """Build this checkout into a folder."""
    commit, moment = _commit()
    folder, one_file, bill = into / FOLDER, into / PROGRAM, into / f"{PROGRAM}.cdx.json"
    into.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as work:
        program = bundle.make(Path(work) / "dist", Path(work), commit, moment)
        shutil.move(program, folder)
    bill.write_text(sbom.describe(folder, commit, moment))
    one_file.write_bytes(_launched([_packed(folder, half, moment) for half in _halves(folder)]))
    one_file.chmod(0o755)
    for file in (bill, one_file):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        click.echo(f"{digest}  {file.name}  {file.stat().st_size / 1_000_000:.1f} MB")


def _commit() -> tuple[str, int]:
    """Return the commit that is built, marked if the tree has changes, and its time in seconds."""
    if given := os.environ.get("SOURCE_COMMIT"):  # an image is built without the repository
        return given, int(os.environ["SOURCE_DATE_EPOCH"])
    commit, moment = _git("log", "-1", "--format=%H %ct").split()
    changed = _git("status", "--porcelain")
    return (f"{commit} with changes" if changed else commit), int(moment)


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=bundle.ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def _halves(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return what is in a folder as two lists of about the same size, all folders in both."""
    paths = sorted(folder.rglob("*"), key=lambda path: (-path.lstat().st_size, path))
    folders = [path for path in paths if path.is_dir() and not path.is_symlink()]
    halves, sizes = (folders[:], folders[:]), [0, 0]
    for path in paths:
        if path in folders:
            continue
        lighter = sizes.index(min(sizes))
        halves[lighter].append(path)
        sizes[lighter] += path.lstat().st_size
    return halves


def _packed(folder: Path, paths: list[Path], moment: int) -> bytes:
    """Return a tar.gz in which nothing tells of the machine and hour it was made on."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = moment
        entry.mode = 0o755 if entry.mode & 0o100 else 0o644
        return entry

    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=GZIP_LEVEL, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in sorted(paths):
            tar.add(path, path.relative_to(folder), recursive=False, filter=plain)
    return packed.getvalue()


def _launched(halves: list[bytes]) -> bytes:
    """Return the launcher, with what it unpacks behind it."""
    launcher, packed = LAUNCHER.read_text(), b"".join(halves)
    values = {
        "@RELEASE@": __version__,
        "@DIGEST@": hashlib.sha256(packed).hexdigest()[:16],
        "@LINES@": str(launcher.count("\n") + 1),
        "@HALF@": str(len(halves[0])),
    }
    for name, value in values.items():
        launcher = launcher.replace(name, value)
    return launcher.encode() + packed


if __name__ == "__main__":
    main()
