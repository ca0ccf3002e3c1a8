"""A real nginx, run from a copy of the project's folder as somebody without rights."""

import fcntl
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest

from service.base import assets
from service.base.assets import Assets
from tests import ecs, lines
from tests.reverse_proxy import make_certificate
from tests.servers import NO_TLS, PROJECT, answers, within

FOLDER = PROJECT / "nginx"
PORT, TLS_PORT = 8080, 8443
URL, TLS_URL = f"http://127.0.0.1:{PORT}", f"https://localhost:{TLS_PORT}"
NOBODY, NO_GROUPS = (65534, ()) if os.geteuid() == 0 else (None, None)  # root becomes nobody
START_TIMEOUT = 10  # seconds
TMP = Path("/tmp")  # noqa: S108, nginx.conf says so
# Its ports are fixed: one nginx at a time, whichever process or clone the tests run in.
LOCK = Path(tempfile.gettempdir()) / "board-nginx-tests.lock"


@cache
def style_url() -> str:
    """Return the address that pages have of the style sheet."""
    return Assets(assets.folder("static")).url("css/style.css")


def find_nginx() -> str:
    """Return where nginx is; skip where there is none, but never in CI."""
    path = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        reason = "no nginx is installed; on Debian: apt install nginx"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


class Nginx:
    """A folder made for a test, and the nginx that runs from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self._clients: list[httpx2.Client] = []
        self._access, self._errors = folder / "access.log", folder / "errors.log"
        for file in (self._access, self._errors):
            file.touch()
            file.chmod(0o666)  # nginx opens its standard output by name

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def add_certificate(self) -> None:
        """Put a certificate where nginx looks for one, as a Kubernetes secret is mounted."""
        tls = self.folder / "tls"
        tls.mkdir(exist_ok=True)
        make_certificate(tls / "tls.crt")  # key and certificate in one file
        shutil.copy(tls / "tls.crt", tls / "tls.key")

    def command(self, *arguments: str) -> list[str]:
        return [find_nginx(), "-c", str(self.folder / "nginx.conf"), *arguments]

    def start(self) -> None:
        with self._access.open("ab") as access, self._errors.open("ab") as errors:
            self.process = subprocess.Popen(
                self.command("-g", "daemon off;"),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=access,
                stderr=errors,
                start_new_session=True,
                user=NOBODY,
                group=NOBODY,
                extra_groups=NO_GROUPS,
            )
        within(START_TIMEOUT, self._is_up)

    def _is_up(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.errors()
        return answers(f"{URL}/nginx-healthz")

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=20)

    def close(self) -> None:
        """Leave nothing behind; raise Wrong for a line that is none of the schema."""
        for client in self._clients:
            client.close()
        self.stop()
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        try:
            lines.check(self._access.read_text().splitlines())
        finally:
            shutil.rmtree(self.folder)

    def errors(self) -> str:
        return self._errors.read_text()

    def access(self) -> list[dict[str, Any]]:
        """Return the lines of the access log; raise Wrong for one that is none of the schema."""
        return [ecs.read(line) for line in self._access.read_bytes().splitlines()]

    def logged(self, request_id: str) -> dict[str, Any]:
        """Return the line about a request; it is written after the answer."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found[:] = [line for line in self.access() if line["trace.id"] == request_id]
            return bool(found)

        within(5, is_there)
        (line,) = found
        return line

    def client(
        self, address: str = "127.0.0.1", cookies: httpx2.Cookies | None = None
    ) -> httpx2.Client:
        """Return a client at one of this machine's many addresses."""
        transport = httpx2.HTTPTransport(local_address=address, verify=NO_TLS)
        client = httpx2.Client(base_url=URL, transport=transport, cookies=cookies, timeout=20)
        self._clients.append(client)
        return client

    def tls_client(self, *, http2: bool = True) -> httpx2.Client:
        context = ssl.create_default_context(cafile=self.folder / "tls" / "tls.crt")
        client = httpx2.Client(base_url=TLS_URL, verify=context, http2=http2, timeout=20)
        self._clients.append(client)
        return client


def servers(*ports: int) -> str:
    """Return the upstream.conf of boards on these ports."""
    return "".join(f"server 127.0.0.1:{port} max_fails=0;\n" for port in ports)


@contextmanager
def prepared(upstream: str) -> Generator[Nginx]:
    """Yield an nginx that is still to be started, with both its ports to itself."""
    find_nginx()
    with LOCK.open("a") as lock:
        with suppress(PermissionError):
            LOCK.chmod(0o666)
        fcntl.flock(lock, fcntl.LOCK_EX)
        for port in (PORT, TLS_PORT):
            _is_free(port)
        _forget_the_last_one()
        # Not pytest's own folder: nobody else may look into that.
        folder = Path(tempfile.mkdtemp(prefix="board-nginx-"))
        folder.chmod(0o755)
        shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
        nginx = Nginx(folder)
        nginx.write("upstream.conf", upstream)
        try:
            yield nginx
        finally:
            nginx.close()


@contextmanager
def running(
    *ports: int, trusted: str = "", certificate: bool = False, local: str = "", base: str = ""
) -> Generator[Nginx]:
    """Run nginx before boards on these ports until the block ends."""
    with prepared(servers(*ports)) as nginx:
        if trusted:
            nginx.write("trusted-proxies.conf", f"set_real_ip_from {trusted};\n")
            nginx.write("trusted-schemes.conf", f"{trusted} 1;\n")
        if local:
            nginx.write("local.conf", local)
        if base:
            nginx.write("public-path.conf", f"default {base};\n")
        if certificate:
            nginx.add_certificate()
        nginx.start()
        yield nginx


def _forget_the_last_one() -> None:
    for name in ("nginx-cache", "nginx-temp"):
        shutil.rmtree(TMP / name, ignore_errors=True)
    (TMP / "nginx.pid").unlink(missing_ok=True)


def _is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            pytest.fail(f"port {port} is taken: stop what listens there, nginx needs it")
