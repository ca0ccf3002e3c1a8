"""Boards without providers pay nothing for them."""

import subprocess
import sys


def test_nothing_is_imported_or_asked_until_somebody_comes() -> None:
    script = "import sys, service.app, service.cli; print(*{'authlib', 'httpx2'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.split() == []
