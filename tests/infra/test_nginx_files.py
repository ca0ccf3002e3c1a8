"""nginx takes the files that the cluster gives it."""

import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.infra.objects import one, pod
from tests.infra.scenarios import deployed
from tests.nginx.proxy import FOLDER, NO_GROUPS, NOBODY, find_nginx


@pytest.fixture
def mounted() -> Generator[Path]:
    """Yield a folder that nginx, which is nobody, can read."""
    with tempfile.TemporaryDirectory(prefix="board-nginx-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("name", ["defaults", "tls"])
def test_nginx_has_nothing_against_what_is_mounted(name: str, mounted: Path):
    objects = deployed(name)
    files = one(objects, "ConfigMap", "nginx")["data"]
    assert {file.name for file in FOLDER.glob("*.conf")} == set(files) - {"local.conf"}
    for file, text in files.items():
        here = text.replace("server web:", "server 127.0.0.1:")  # the Service is not known here
        (mounted / file).write_text(here)
    command = pod(objects, "nginx").containers[0]["command"]
    assert command == ["nginx", "-c", "/etc/nginx/board/nginx.conf", "-g", "daemon off;"]
    here = [part.replace("/etc/nginx/board", str(mounted)) for part in command[1:]]
    said = mounted / "said"
    said.touch()
    said.chmod(0o666)  # nginx opens its standard output by name
    with said.open("ab") as output:
        subprocess.run(
            [find_nginx(), *here, "-t"],
            stdout=output,
            stderr=output,
            check=False,
            user=NOBODY,
            group=NOBODY,
            extra_groups=NO_GROUPS,
        )
    assert "test is successful" in said.read_text()


def test_the_files_are_the_tested_ones_but_for_the_addresses():
    files = one(deployed("defaults"), "ConfigMap", "nginx")["data"]
    changed = {"upstream.conf", "trusted-proxies.conf", "trusted-schemes.conf", "public-path.conf"}
    for file in FOLDER.glob("*.conf"):
        assert file.name in changed or files[file.name] == file.read_text()
