"""Which certificates are trusted where the board connects to others."""

from pathlib import Path

import pytest

from service.base import tls
from tests.reverse_proxy import make_certificate


@pytest.mark.parametrize("is_named", [True, False], ids=["in SSL_CERT_FILE", "found"])
def test_authorities_are_trusted_beside_those_of_the_system(
    is_named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = tmp_path / "system.crt"
    make_certificate(system, "system")
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(system if is_named else tmp_path / "none"))
    monkeypatch.setattr(tls, "ELSEWHERE", () if is_named else (str(system),))
    make_certificate(tmp_path / "own.pem", "own")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert tls.trusting().cert_store_stats()["x509"] == 2
