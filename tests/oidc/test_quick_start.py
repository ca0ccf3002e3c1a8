"""Boards without providers, passkeys, second factors and Markdown pay nothing for them."""

import subprocess
import sys


def test_nothing_is_imported_or_asked_until_somebody_comes() -> None:
    late = {"authlib", "fido2", "httpx2", "markdown_it", "pyotp", "redis", "segno", "zxcvbn"}
    script = f"import sys, service.app, service.cli; print(*{late} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.split() == []
