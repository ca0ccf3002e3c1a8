"""A machine with the one file on it, a data folder, and nothing in the environment."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.servers import KEY, answers, free_port

TIMEOUT = 60  # seconds; the machine may be busy


class Machine:
    """What was copied there, and what runs there."""

    def __init__(self, program: Path, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.program = folder / "htmx-fastapi-service"
        shutil.copy(program, self.program)
        self.data = folder / "data"
        self.environ = {"DATA_DIR": str(self.data)}
        self.prefix: list[str] = []  # what starts the program, if not itself
        self.cwd = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def programs(self) -> Path:
        """The folder it unpacks itself into, once for each release."""
        return self.data / ".program"

    def unpacked(self) -> list[Path]:
        return sorted(self.programs.iterdir())

    def run(
        self, *arguments: str, stdin: str = "", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command and return how it went."""
        return subprocess.run(
            [*self.prefix, str(self.program), *arguments],
            cwd=self.cwd,
            env={**self.environ, **environ},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[bytes]:
        """Start a command in a group of its own, wait for nothing."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*self.prefix, str(self.program), *arguments],
                cwd=self.cwd,
                env={**self.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def serve(self, **environ: str) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers."""
        process = self.start("serve", SECRET_KEY=KEY, PORT=str(self.port), **environ)
        self.await_answer(process)
        return process

    def await_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not answers(f"{self.url}/readyz"):
            assert process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process and all it has started, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def close(self) -> None:
        for process in self._running:
            self.kill(process)
