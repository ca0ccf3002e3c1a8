"""Debian's programs: Prometheus, its Alertmanager, and Redis."""

import os
import shutil
import subprocess

import pytest

PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "amtool": "prometheus-alertmanager",
    "redis-server": "redis-server",
}


def find(program: str) -> str:
    """Return where a program is, or skip the test; in CI all must be there."""
    path = shutil.which(program)
    if path is None and not os.environ.get("CI"):
        pytest.skip(f"needs {program}: apt install {PACKAGES[program]}")
    assert path, f"{program} is missing"
    return path


def run(program: str, *arguments: str) -> str:
    """Run one, which must be content, and return what it says."""
    done = subprocess.run(
        [find(program), *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
