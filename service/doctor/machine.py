"""The machine: the folder and disk the board writes to, and the port it listens on."""

import errno
import os
import shutil
import socket
import tempfile
from collections.abc import Generator
from pathlib import Path

from service.base import probe
from service.base.config import Settings
from service.data import sqlite

FREE = 500_000_000  # bytes that should be free, or
FREE_SHARE = 0.05  # of the disk, if that is less


def folder(settings: Settings) -> Generator[str, None, str]:
    """Find a folder or file that can't be written to, and a disk that is almost full."""
    file = sqlite.file_of(settings.database_url)
    folder = next(parent for parent in file.parents if parent.exists())  # before there is a board
    for path in (folder, file) if file.exists() else (folder,):
        if not _is_writable(path):
            yield f"{path} can't be written to: let it belong to the user who runs the board."
    disk = shutil.disk_usage(folder)
    if disk.free < min(FREE, disk.total * FREE_SHARE):
        yield f"The disk of {folder} has only {_megabytes(disk.free)} free: make room on it."
    return f"{folder}, {_megabytes(disk.free)} free"


def port(settings: Settings) -> Generator[str, None, str]:
    """Find an address that can't be listened on; a board that does so already is fine."""
    place = f"{settings.host}:{settings.port}"
    try:
        _bind(settings.host, settings.port)
    except socket.gaierror:
        yield f"HOST={settings.host} is no address: set one of this machine, such as 127.0.0.1."
    except OSError as failure:
        match failure.errno:
            case errno.EADDRINUSE:
                if _a_board_answers(settings):
                    return f"{place}, where the board answers"
                yield f"{place} is taken by another program: stop it, or set another PORT."
            case errno.EADDRNOTAVAIL:
                yield f"HOST={settings.host} is no address of this machine: set one that is."
            case errno.EACCES:
                yield f"{place} is the system's: set a PORT above 1023, with a proxy before it."
            case _:
                yield f"{place} can't be listened on ({failure.strerror}): set HOST and PORT."
    return f"{place} is free"


def metrics(settings: Settings) -> Generator[str, None, str]:
    """Find that there can be no metrics at their port; a board that runs has it already."""
    place = f"{settings.host}:{settings.metrics_port}"
    if _a_board_answers(settings):
        return f"{place}, if the board that runs was started with it"
    try:
        _bind(settings.host, settings.metrics_port)
    except OSError as failure:
        yield f"{place} can't be listened on ({failure.strerror}): set another METRICS_PORT."
    return f"{place} is free"


def _is_writable(path: Path) -> bool:
    if path.is_file():
        # Not opened: to close it again would give up SQLite's locks on it.
        return os.access(path, os.W_OK, effective_ids=True)
    try:
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"


def _bind(host: str, port: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probing:
        probing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probing.bind(address)


def _a_board_answers(settings: Settings) -> bool:
    try:
        return probe.ask(probe.origin(settings.host, settings.port), "/healthz").is_from_a_board
    except probe.NoAnswer:
        return False
