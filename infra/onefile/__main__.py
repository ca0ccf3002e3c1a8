"""`pdm run build`: one file that runs the board, its bill of materials, and it as a folder."""

import gzip
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from infra.onefile import bundle, sbom
from infra.onefile.distributions import PROGRAM
from service import __version__

DIST = bundle.ROOT / "dist"
FOLDER = "unpacked"  # in dist/, for those who need no one file: images
LAUNCHER = Path(__file__).with_name("launcher.sh")
GZIP_LEVEL = 9


def main() -> None:
    commit, moment = _commit()
    shutil.rmtree(DIST / FOLDER, ignore_errors=True)
    with tempfile.TemporaryDirectory() as work:
        program = bundle.make(Path(work) / "dist", Path(work), commit, moment)
        shutil.move(program, DIST / FOLDER)
    one_file = DIST / PROGRAM
    one_file.write_bytes(_launched(_packed(DIST / FOLDER, moment)))
    one_file.chmod(0o755)
    bill = DIST / f"{PROGRAM}.cdx.json"
    bill.write_text(sbom.describe(DIST / FOLDER, commit, moment))
    for file in (one_file, bill):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        sys.stdout.write(f"{digest}  {file.name}  {file.stat().st_size / 1_000_000:.1f} MB\n")


def _commit() -> tuple[str, int]:
    """Return the commit that is built, marked if the tree has changes, and its time in seconds."""
    commit, moment = _git("log", "-1", "--format=%H %ct").split()
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return (f"{commit} with changes" if changed else commit), int(moment)


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=bundle.ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def _packed(folder: Path, moment: int) -> bytes:
    """Return a folder as a tar.gz in which nothing tells of the machine and hour it was made on."""

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
        for path in sorted(folder.rglob("*")):
            tar.add(path, path.relative_to(folder), recursive=False, filter=plain)
    return packed.getvalue()


def _launched(packed: bytes) -> bytes:
    """Return the launcher with what it unpacks behind it."""
    launcher = LAUNCHER.read_text()
    values = {
        "@RELEASE@": __version__,
        "@DIGEST@": hashlib.sha256(packed).hexdigest()[:16],
        "@LINES@": str(launcher.count("\n") + 1),
    }
    for name, value in values.items():
        launcher = launcher.replace(name, value)
    return launcher.encode() + packed


if __name__ == "__main__":
    main()
