"""The settings of providers: what is good, what is not, and how that is said."""

from pathlib import Path
from typing import Any

import pytest

from service.base.config import Settings, read_settings
from service.base.providers import Provider
from service.base.setting import ConfigError

BOARD = {"SECRET_KEY": "a-key-that-has-at-least-32-bytes-in-it", "PUBLIC_URL": "https://b.test"}
CORP = {
    "OIDC_CORP_ISSUER": "https://id.example.org/realms/corp",
    "OIDC_CORP_CLIENT_ID": "board",
    "OIDC_CORP_CLIENT_SECRET": "s3cret",
}


def read(**environ: str) -> Settings:
    return read_settings({**BOARD, **CORP, **environ})


def fault(**environ: str) -> str:
    with pytest.raises(ConfigError) as raised:
        read(**environ)
    (told,) = raised.value.faults
    return told


def test_any_number_of_providers_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("another\n")
    other = {
        "OIDC_ID2_ISSUER": "http://127.0.0.1:9400",
        "OIDC_ID2_CLIENT_ID": "b",
        "OIDC_ID2_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
        "OIDC_ID2_LABEL": "The other",
        "OIDC_ID2_SCOPES": "groups",
        "OIDC_ID2_ROLE_CLAIM": "groups",
        "OIDC_ID2_ROLES": "a=b=admin, staff = member",
        "OIDC_ID2_DEFAULT_ROLE": "Guest",
        "OIDC_ID2_CREATE": "yes",
        "OIDC_ID2_LINK_VERIFIED_EMAIL": "yes",
    }
    settings = read(**other, OIDC_EMPTY_ISSUER=" ")
    corp, id2 = settings.providers
    assert (corp.name, corp.words, corp.path) == ("corp", "Corp", "/oidc/corp")
    assert corp.back(settings.public_url) == "https://b.test/oidc/corp/callback"
    assert not corp.create
    assert id2 == Provider(
        name="id2",
        issuer="http://127.0.0.1:9400",
        client_id="b",
        client_secret="another",
        label="The other",
        scopes="openid groups",
        role_claim="groups",
        roles=(("a=b", "admin"), ("staff", "member")),
        default_role="guest",
        create=True,
        link_verified_email=True,
    )
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_CORP_ISSUER", ""),
        ("OIDC_CORP_ISSUER", "http://id.example.org"),
        ("OIDC_CORP_ISSUER", "http://127.0.0.1.evil.example"),
        ("OIDC_CORP_ISSUER", "https://u:p@id.example.org"),
        ("OIDC_CORP_ISSUER", "https://id.example.org/?x=1"),
        ("OIDC_CORP_CLIENT_ID", ""),
        ("OIDC_CORP_LABEL", "a\nb"),
        ("OIDC_CORP_ROLES", "staff"),
        ("OIDC_CORP_ROLES", "staff=owner"),
        ("OIDC_CORP_ROLES", "staff=bot"),
        ("OIDC_CORP_DEFAULT_ROLE", "bot"),
        ("OIDC_CORP_CREATE", "1"),
        ("OIDC_CORP_LINK_VERIFIED_EMAIL", "true"),
        ("OIDC_CORP_CLIENT_SECRET_FILE", "/nowhere"),
        ("OIDC_CORP_SECRET", "x"),
        ("OIDC_corp_ISSUER", "https://id.example.org"),
    ],
)
def test_a_bad_value_is_refused_in_one_line(name: str, value: str) -> None:
    without = {"OIDC_CORP_CLIENT_SECRET": ""} if name.endswith("_FILE") else {}
    told = fault(**{name: value, **without})
    assert told.startswith(name)
    assert "s3cret" not in told


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"OIDC_CORP_ROLES": "a=admin"}, "OIDC_CORP_ROLE_CLAIM must say where the roles are."),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is not set: providers must be told"),
        ({"PUBLIC_URL": "x"}, "PUBLIC_URL must be"),
        ({"PASSWORD_SIGN_IN": "no", **dict.fromkeys(CORP, "")}, "PASSWORD_SIGN_IN is no, and"),
    ],
)
def test_what_does_not_fit_together_is_told(environ: dict[str, Any], told: str) -> None:
    assert fault(**environ).startswith(told)
