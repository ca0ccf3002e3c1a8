"""How nginx is run: from one flat folder, without rights, writing to /tmp alone."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import httpx2
import pytest

from service.doctor import doctor
from tests.nginx.proxy import FOLDER, NO_GROUPS, NOBODY, TMP, Nginx, prepared, running
from tests.people import Person, listed
from tests.servers import KEY, PROJECT, Server, free_port, within
from tests.streams import open_stream

SHUTDOWN = 5.0  # seconds, nginx.conf's worker_shutdown_timeout
# nginx 1.25.1 has another way to say it, which the older ones don't know.
EXPECTED = 'the "listen ... http2" directive is deprecated'


def examined(nginx: Nginx, how: str = "-t") -> tuple[int, str]:
    """Return whether nginx would start, and what it says."""
    file = nginx.folder / "examined"
    file.touch()
    file.chmod(0o666)
    with file.open("ab") as output:
        code = subprocess.run(
            nginx.command(how),
            cwd="/",
            stdout=output,
            stderr=output,
            timeout=10,
            check=False,
            user=NOBODY,
            group=NOBODY,
            extra_groups=NO_GROUPS,
        ).returncode
    return code, file.read_text()


def test_the_folder_is_flat_and_means_the_board_beside_it() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {
        *(
            "nginx.conf",
            "upstream.conf",
            "trusted-proxies.conf",
            "trusted-schemes.conf",
            "problems.conf",
            "public-path.conf",
        ),
        "board-nginx.service",
    }
    assert _meant("upstream.conf") == ["server 127.0.0.1:8000 max_fails=0;"]
    assert _meant("trusted-proxies.conf") == _meant("trusted-schemes.conf") == []


def _meant(name: str) -> list[str]:
    lines = (FOLDER / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_configuration_passes_nginxs_own_check(nginx: Nginx) -> None:
    code, said = examined(nginx)
    assert code == 0
    found = [line for line in said.splitlines() if re.search(r"\[\w+\]", line)]
    found += nginx.errors().splitlines()
    assert [line for line in found if EXPECTED not in line] == []


def test_the_check_notices_a_wrong_line() -> None:
    with prepared("server 127.0.0.1:nowhere;\n") as nginx:
        code, said = examined(nginx)
        assert code != 0
        assert "upstream.conf" in said


def test_nginx_runs_without_rights_and_writes_to_tmp_alone(nginx: Nginx, visitor: Person) -> None:
    assert nginx.process
    assert visitor.get("/static/css/style.css").status_code == 200
    status = Path(f"/proc/{nginx.process.pid}/status").read_text()
    user = NOBODY or os.geteuid()
    assert f"Uid:\t{user}\t{user}" in status
    if NOBODY:
        assert re.search(r"CapEff:\s0+$", status, re.MULTILINE)
    _, configured = examined(nginx, "-T")
    written = re.findall(r"^\s*(?:\w+_(?:temp|cache)_path|pid) (\S+?);?(?: |$)", configured, re.M)
    assert len(written) == 7
    assert {str(Path(path).parent) for path in written} == {str(TMP)}


def test_nginx_says_that_it_is_well_even_if_the_board_is_not() -> None:
    with running(free_port()) as nginx:
        answer = nginx.client().get("/nginx-healthz")
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert nginx.client().get("/readyz").status_code == 502
        nginx.logged(nginx.client().get("/healthz").headers["x-request-id"])
        assert "/nginx-healthz" not in {line["url.path"] for line in nginx.access()}


def test_streams_have_a_moment_to_end_when_nginx_is_told_to(nginx: Nginx, alice: Person) -> None:
    assert f"worker_shutdown_timeout {SHUTDOWN:.0f}s;" in (FOLDER / "nginx.conf").read_text()
    with open_stream(alice, listed(alice)["cursor"]):
        started = time.monotonic()
        nginx.stop(signal.SIGQUIT)
        assert SHUTDOWN - 1 < time.monotonic() - started < SHUTDOWN + 5


def test_a_reload_breaks_no_answer_and_takes_the_new_lines(nginx: Nginx, server: Server) -> None:
    assert nginx.process
    nginx.write("local.conf", "location = /new { return 204; }\n")
    nginx.process.send_signal(signal.SIGHUP)

    def is_new() -> bool:
        answer = httpx2.get("http://127.0.0.1:8080/new")
        assert answer.status_code in {204, 404}
        return answer.status_code == 204

    within(5, is_new)


@pytest.mark.parametrize("certificate", [False, True], ids=["http", "https"])
def test_the_doctor_finds_nothing_wrong_with_nginx_in_front(
    server: Server, certificate: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(server.port, certificate=certificate) as nginx:
        url = "https://localhost:8443" if certificate else "http://127.0.0.1:8080"
        if certificate:
            monkeypatch.setenv("SSL_CERT_FILE", str(nginx.folder / "tls" / "tls.crt"))
        environ = {
            "DATABASE_URL": server.environ["DATABASE_URL"],
            "SECRET_KEY": KEY,
            "PORT": str(free_port()),
            "TRUSTED_PROXIES": "127.0.0.1",
        }
        lines = [line for line in doctor.examine(environ, url) if line.check == "proxy"]
        assert [line.text for line in lines] == [f"{url}, streams pass unbuffered"]


def test_the_unit_for_one_server_passes_systemd_s_own_check() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    unit = str(PROJECT / "nginx" / "board-nginx.service")
    for command in (["verify"], ["security", "--offline=true", "--threshold=20"]):
        checked = subprocess.run(
            ["systemd-analyze", *command, unit], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr
