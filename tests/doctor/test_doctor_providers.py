"""The doctor: whether people could sign in through the providers."""

from pathlib import Path

import httpx2
import pytest

from service.doctor import doctor
from service.oidc import fetching
from tests.oidc.fake import CLIENT, ISSUER, Fake
from tests.patient import Examine
from tests.people import ONE_DATABASE
from tests.reverse_proxy import ReverseProxy, make_certificate, proxied

pytestmark = [ONE_DATABASE, pytest.mark.usefixtures("database")]
GIVEN = {
    "PUBLIC_URL": "https://board.example.org",
    "OIDC_CORP_ISSUER": ISSUER,
    "OIDC_CORP_CLIENT_ID": CLIENT,
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Return the provider that is asked in place of the network."""
    made = Fake()
    network = {"transport": httpx2.ASGITransport(app=made)}
    monkeypatch.setattr(fetching, "instead_of_network", network)
    return made


def test_a_provider_that_answers_is_told_with_its_redirect_address(
    asked: Fake, environ: dict[str, str]
) -> None:
    (line,) = [each for each in doctor.examine(environ | GIVEN) if each.check == "providers"]
    assert (line.state, line.text) == (
        "ok",
        "redirect addresses are Corp: https://board.example.org/oidc/corp/callback",
    )


def test_one_that_is_away_or_another_is_a_finding(asked: Fake, examine: Examine) -> None:
    asked.document = {"issuer": "https://other.test"}
    ((check, finding),) = examine(**GIVEN)
    assert check == "providers"
    assert "it calls itself 'https://other.test', not 'https://idp.test'" in finding
    assert finding.endswith("redirect address here is https://board.example.org/oidc/corp/callback")
    asked.is_away = True
    ((_, finding),) = examine(**GIVEN)
    assert finding.startswith(
        "Corp can't be used (OSError: the network is down): look at OIDC_CORP"
    )


def test_one_whose_certificate_is_of_an_authority_of_ones_own(
    examine: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_certificate(tmp_path / "authority.pem")
    document = {"/.well-known/openid-configuration": (404, {}, b"")}
    with proxied(ReverseProxy(0, "https", answers=document), tmp_path / "authority.pem") as there:
        given = GIVEN | {"OIDC_CORP_ISSUER": there.url}
        fetching.certificates.cache_clear()
        assert "CERTIFICATE_VERIFY_FAILED" in examine(**given)[0][1]
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        fetching.certificates.cache_clear()
        assert "404 Not Found" in examine(**given)[0][1]
    fetching.certificates.cache_clear()


def test_a_secret_in_an_open_file_is_found(asked: Fake, examine: Examine, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("a secret of both")
    file.chmod(0o644)
    ((check, finding),) = examine(**GIVEN, OIDC_CORP_CLIENT_SECRET_FILE=str(file))
    assert check == "secrets"
    assert finding.startswith("OIDC_CORP_CLIENT_SECRET_FILE")
