"""Static files as they are served: hashed, compressed, and their imports hashed too."""

import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

SERVED = {".css", ".js", ".svg", ".png", ".ico", ".txt", ".webmanifest"}
TEXT = {".css", ".js", ".svg", ".txt", ".webmanifest"}
# How one script names another: "./guard.js", "../web/swaps.js".
RELATIVE = re.compile(r'"(\.\.?/[\w./-]+\.js)"')
# For those who read the code alone; it would be a third of what a first view fetches of ours.
COMMENT = re.compile(rb"^ *//.*\n|   //.*$|^ +", re.MULTILINE)
mimetypes.add_type("application/manifest+json", ".webmanifest")


@dataclass(frozen=True)
class Asset:
    """A static file with its hash, compressed once and kept."""

    content: bytes
    compressed: bytes | None
    media_type: str
    digest: str  # of a script: of all that it imports, too
    imports: tuple[str, ...]  # the names of all scripts that it needs, in the order they run

    def name(self, plain: str) -> str:
        """Return a file's name with its hash: css/style.1a2b3c4d.css."""
        stem, _, suffix = plain.rpartition(".")
        return f"{stem}.{self.digest}.{suffix}"


def read(root: Path) -> dict[str, Asset]:
    """Return the files below a folder by their names, a script after what it imports.

    CycleError says that scripts import one another in a circle, FileNotFoundError that one of
    them is missing.
    """
    contents = {name: _content(root / name) for name in _names(root)}
    needs = {name: set(_imported(name, content).values()) for name, content in contents.items()}
    assets: dict[str, Asset] = {}
    for name in TopologicalSorter(needs).static_order():
        if name not in contents:
            raise FileNotFoundError(f"A script imports {name}, which is not in {root}.")
        assets[name] = _asset(name, contents[name], assets)
    return assets


def _names(root: Path) -> Generator[str]:
    for path, folders, names in root.walk():
        folders[:] = [folder for folder in folders if folder != "src"]
        found = (path / name for name in sorted(names) if Path(name).suffix in SERVED)
        yield from (file.relative_to(root).as_posix() for file in found)


def _content(file: Path) -> bytes:
    content = file.read_bytes()
    return COMMENT.sub(b"", content) if file.suffix == ".js" else content


def _imported(name: str, content: bytes) -> dict[str, str]:
    """Return the addresses by which a script imports others, and their names."""
    if not name.endswith(".js"):
        return {}
    found = RELATIVE.findall(content.decode())
    folder = posixpath.dirname(name)
    return {each: posixpath.normpath(posixpath.join(folder, each)) for each in found}


def _asset(name: str, content: bytes, known: Mapping[str, Asset]) -> Asset:
    imported = _imported(name, content)
    for address, plain in imported.items():
        hashed = posixpath.join(
            posixpath.dirname(address), posixpath.basename(known[plain].name(plain))
        )
        content = content.replace(f'"{address}"'.encode(), f'"{hashed}"'.encode())
    needed = (each for plain in imported.values() for each in (*known[plain].imports, plain))
    suffix = Path(name).suffix
    return Asset(
        content=content,
        compressed=gzip.compress(content, 9, mtime=0) if suffix in TEXT else None,
        media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        digest=hashlib.sha256(content).hexdigest()[:16],
        imports=tuple(dict.fromkeys(needed)),
    )
