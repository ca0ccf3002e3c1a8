"""A provider that is a server: `oidc-provider-mock`, which knows Ada."""

import json
import subprocess
import sys

from tests.servers import answers, free_port, within

ADA = {"sub": "1", "preferred_username": "ada", "email": "ada@example.org"}


class Provider:
    """A provider in a process of its own, which can go away and come back."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def come(self) -> None:
        command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(self.port)]
        command += ["--user-claims", json.dumps(ADA)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        within(30, lambda: answers(f"{self.url}/.well-known/openid-configuration"))

    def go(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(timeout=10)
