"""What the image is made of, what is in it, and what is noted of it."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.servers import PROJECT

CREATED = "2026-11-26T08:00:00Z"
SOURCE = "https://git.example.org/board"
MEBIBYTE = 2**20
FIGURES = PROJECT / "var" / "image.txt"
UNWANTED = re.compile(
    r"(ba|da|z|k|c|tc)?sh|busybox|apt.*|dpkg|dpkg-.*|apk|rpm|pip.*|python[\d.]*|perl.*"
    r"|gcc.*|g\+\+.*|cc|c\+\+|as|ld|make|tar|curl|wget|su|sudo|mount|env"
)


def note(what: str, figure: float) -> None:
    """Keep a figure in var/, to be looked at."""
    with FIGURES.open("a") as file:
        file.write(f"{figure:8.2f} {what}\n")


def dockerfile() -> str:
    return (PROJECT / "Dockerfile").read_text()


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, check=True)
    return done.stdout.decode().strip()


def commit() -> str:
    return git("describe", "--always", "--abbrev=40", "--exclude=*", "--dirty= with changes")


def walk(files: Path) -> Iterator[tuple[str, os.stat_result]]:
    for path in files.rglob("*"):
        yield f"/{path.relative_to(files)}", path.lstat()
