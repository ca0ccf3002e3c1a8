"""A stand-in for the image that the Dockerfile builds from, where there is no registry to pull it.

It is the Debian of this machine made by debootstrap, with the Python that runs the tests. How this
machine reaches its package indexes is handed on: their settings, certificates and local folders.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from infra.image import system

HOME = Path.home()
ROOTS_HOME = "/root"  # in a container built here
# The last one holds what was downloaded once and need not be again.
IN_HOME = (".netrc", ".pip", ".config/pip", ".config/pdm", ".cache/pdm")
# What pip and PDM read, by where the container's root looks for it.
SETTINGS = {
    **{name: Path(name) for name in ("/etc/pip.conf", "/etc/xdg/pip", "/etc/xdg/pdm")},
    "/etc/ssl/certs": Path("/etc/ssl/certs"),
    **{f"{ROOTS_HOME}/{name}": HOME / name for name in IN_HOME},
}
VARIABLES = re.compile(
    r"PIP_.+|PDM_PYPI_.+|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|(https?|no|all)_proxy",
    re.IGNORECASE,
)
LOCAL_PATH = re.compile(r"(?<![\w:/.])(?:file://)?(/[\w./-]+)")
APT = (
    "sources.list",
    "sources.list.d",
    "auth.conf.d",
    "preferences.d",
    "trusted.gpg.d",
    "keyrings",
)
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
PARTS_OF_PYTHON = ("bin/python3*", "lib/libpython3*", f"lib/{VERSION}", f"include/{VERSION}")


def variables() -> dict[str, str]:
    """Return the variables that say how packages are reached."""
    return {name: value for name, value in os.environ.items() if VARIABLES.fullmatch(name)}


def volumes() -> dict[str, Path]:
    """Return the files and folders that do, by where a build must find them."""
    found = {target: source for target, source in SETTINGS.items() if source.exists()}
    texts = list(variables().values())
    for target, source in found.items():
        if Path(target).name in {"pip.conf", ".pip", "pip", "pdm"} and "cache" not in target:
            files = [source] if source.is_file() else source.rglob("*")
            texts += [file.read_text(errors="ignore") for file in files if file.is_file()]
    for name in {name for text in texts for name in LOCAL_PATH.findall(text)}:
        path = Path(name)
        if path.name == "simple":  # an index whose files lie beside it
            path = path.parent
        if path.exists() and not any(path.is_relative_to(known) for known in found):
            found[str(path)] = path
    return found


def make(root: Path) -> None:
    """Make the stand-in's file system."""
    packages = ["ca-certificates"]
    if sys.base_prefix == "/usr":
        packages += [VERSION, f"{VERSION}-venv", f"lib{VERSION}"]
    else:
        packages += _packages_for_python()
    site, keyring = _archive()
    command = ["debootstrap", "--foreign", "--variant=minbase", f"--include={','.join(packages)}"]
    if keyring:
        command.append(f"--keyring={keyring}")
    _run([*command, platform.freedesktop_os_release()["VERSION_CODENAME"], str(root), site])
    # Nothing of it outlives the tests: no need to wait for the disk.
    _write(root / "etc/dpkg/dpkg.cfg.d/hurry", "force-unsafe-io\n")
    _run(["chroot", str(root), "/debootstrap/debootstrap", "--second-stage"])
    _hand_on_apt(root)
    _bring_python(root)


def _packages_for_python() -> list[str]:
    """Return the packages of the libraries that this Python is linked to."""
    prefix = Path(sys.base_prefix)
    files = [file for part in PARTS_OF_PYTHON[:2] for file in prefix.glob(part) if file.is_file()]
    modules = (prefix / "lib" / VERSION / "lib-dynload").glob("*.so")
    files += (module for module in modules if not module.name.startswith("_tkinter"))
    real = [file for file in files if system.is_compiled(file)]
    libraries = system.linked(real, prefix / "lib")
    names = {path.name for path in libraries if not path.is_relative_to(prefix)}
    return [package.partition(":")[0] for package in system.packages(names)]


def _archive() -> tuple[str, str]:
    """Return the address of this machine's own packages, and the key they are signed with."""
    wanted = [platform.freedesktop_os_release()["VERSION_CODENAME"], "main"]
    told = "$(CODENAME) $(COMPONENT) $(REPO_URI) $(SIGNED_BY)"
    listed = _run(["apt-get", "indextargets", "--format", told, "Created-By: Packages"])
    lines = [line.split() for line in listed.splitlines()]
    site, signed_by = next((line[2], line[3:]) for line in lines if line[:2] == wanted)
    keyring = next((name for name in signed_by if name.startswith("/")), "")
    return site, keyring


def _hand_on_apt(root: Path) -> None:
    for name in APT:
        source, target = Path("/etc/apt", name), root / "etc/apt" / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy(source, target)
    shutil.copytree("/usr/share/keyrings", root / "usr/share/keyrings", dirs_exist_ok=True)
    settings = _run(["apt-config", "dump"]).splitlines()
    acquire = [line for line in settings if line.startswith("Acquire::")]
    _write(root / "etc/apt/apt.conf.d/50this-machine", "\n".join(acquire) + "\n")


def _bring_python(root: Path) -> None:
    prefix = Path(sys.base_prefix)
    if prefix != Path("/usr"):
        for part in PARTS_OF_PYTHON:
            for source in prefix.glob(part):
                target = root / source.relative_to("/")
                if source.is_dir():
                    skipped = shutil.ignore_patterns("site-packages", "test", "config-*", "idlelib")
                    shutil.copytree(source, target, symlinks=True, ignore=skipped)
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(source, target, follow_symlinks=False)
    for name in ("python", "python3"):
        link = root / "usr/local/bin" / name
        if not link.exists():
            link.symlink_to(prefix / "bin" / VERSION)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout
