"""What the stack's configuration may be: a bad one is refused in a sentence, before anything."""

import base64

import pytest

from infra.settings import DECLARED, logs
from infra.settings.__main__ import FILE, written
from service.base import config
from tests.infra.engine import project, run
from tests.infra.objects import one
from tests.infra.refused import EXTERNAL, POSTGRES, REFUSED
from tests.infra.scenarios import (
    API_KEY,
    IMAGE,
    deployed,
    manifests,
)


@pytest.mark.parametrize(
    ("given", "sentence"), REFUSED, ids=[f"{n}-{'-'.join(g)}" for n, (g, _) in enumerate(REFUSED)]
)
def test_a_bad_value_is_refused_in_one_sentence_and_nothing_is_made(
    given: dict[str, object], sentence: str
):
    found = run({"image": IMAGE, **given})
    assert found.error.startswith(sentence)
    assert "\n" not in found.error
    assert [resource.type for resource in found.resources.values()] == ["pulumi:pulumi:Stack"]


def test_a_preview_refuses_a_bad_value_too():
    found = run({"image": ""}, preview=True)
    assert found.error.startswith("image is not set")
    assert len(found.resources) == 1


def test_all_bad_settings_are_told_at_once():
    found = run({"image": "", "workers": 0, "nodePort": 1})
    assert [line.split()[0] for line in found.error.splitlines()] == [
        *("image", "workers", "nodePort"),
    ]


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("secretKey", {"secretKey": "k" * 20 + "-too-short"}),
        ("smtpUrl", {"smtpUrl": "mail://a:k-password@mail.example.org?from=b@example.org"}),
        ("providerSecrets", {"providerSecrets": "k-password"}),
        ("elasticsearchApiKey", {"elasticsearchApiKey": "k-password"}),
        ("providers", {"providerSecrets": "OIDC_CORP_CLIENT_SECRET=k-password"}),
        ("databaseUrl", {"database": "external", "databaseUrl": "mysql://a:k-password@db/board"}),
        ("databaseUrl", {"databaseUrl": "postgresql://a:k-password@db/board"}),
        ("alertmanagerUrl", {"monitoring": "own", "alertmanagerUrl": "http://a:k-password@b"}),
        ("tracesEndpoint", {"tracesEndpoint": "http://a:k-password@collector:4318"}),
        ("redisUrl", {"redisUrl": "redis://a:k-password@redis"}),
        ("redisUrl", {"cache": "external", "redisUrl": "http://a:k-password@redis"}),
    ],
)
def test_a_refused_secret_is_not_repeated(key: str, given: dict[str, object]):
    found = run({"image": IMAGE, **given})
    assert found.error.startswith(key)
    assert "k-password" not in found.error
    assert "kkkk" not in found.error


@pytest.mark.parametrize("given", [{"secretKey": "k" * 40}, EXTERNAL])
def test_a_secret_that_is_kept_readable_is_refused(given: dict[str, object]):
    found = run({"image": IMAGE, **given}, secret_keys=())
    key = "secretKey" if "secretKey" in given else "databaseUrl"
    assert found.error.startswith(f"{key} is a secret and lies readable in the stack's settings")


@pytest.mark.parametrize(
    "given",
    [
        {"dev": True, "image": "board:latest"},
        {"dev": True, "image": "board"},
        {"dev": True, "replicas": 1},
        {"image": f"ghcr.io/example/board@sha256:{'0' * 64}"},
        {"image": f"ghcr.io/example/board:0.2.0@sha256:{'0' * 64}"},
        {"image": "reg.example.org:5000/board:0.2.0"},
        {"maxReplicas": 3},
        {**EXTERNAL, "databasePool": 500},
        {"backupSchedule": "*/30 0-6,22 * * 1-5"},
        {"nodePort": 32767},
        {"dnsLabels": ""},
    ],
)
def test_a_good_value_of_each_setting_is_accepted(given: dict[str, object]):
    assert run({"image": IMAGE, **given}, preview=True).error == ""


def test_pulumi_yaml_says_what_is_declared():
    text = FILE.read_text()
    assert text == written(text), "`pdm run fix` writes it"
    assert list(project()["config"]) == [each.key for each in DECLARED.values()]


def test_what_is_configured_of_the_board_reaches_it():
    given = {"boardName": "The crew", "workers": 2, "databasePool": 6, "logLevel": "debug"}
    given |= {"streamsTotal": 3000, "streamsPerUser": 9}
    assert set(given) == {each.key for each in DECLARED.values() if each.environ}
    environ = one(manifests(run({"image": IMAGE, **given})), "ConfigMap", "settings")["data"]
    secrets = {"SECRET_KEY": "k" * 40, "DATABASE_URL": POSTGRES}
    found = config.read_settings({**environ, **secrets})
    assert (found.board_name, found.workers, found.database_pool) == ("The crew", 2, 6)
    assert (found.log_level, found.streams_total, found.streams_per_user) == ("DEBUG", 3000, 9)


def test_the_board_reads_the_providers_that_are_configured():
    found = config.read_settings(
        {
            **one(deployed("providers"), "ConfigMap", "settings")["data"],
            "SECRET_KEY": "k" * 40,
            "DATABASE_URL": POSTGRES,
        }
    )
    assert [each.issuer for each in found.providers] == [
        *("https://id.example.org/realms/corp", "https://id.lab.example.org:8443"),
    ]
    assert (found.providers[0].label, found.providers[0].create) == ("The company", True)
    assert (found.public_url, found.password_sign_in) == ("https://board.example.org/crew", False)


def test_an_api_key_may_be_as_elasticsearch_tells_it():
    encoded = base64.b64encode(API_KEY.encode()).decode()
    assert (logs.api_key(encoded), logs.api_key(API_KEY), logs.api_key("")) == (API_KEY,) * 2 + (
        "",
    )


def test_the_address_of_elasticsearch_has_its_port_and_may_have_a_path():
    assert logs.elasticsearch_url("https://logs.example.org") == "https://logs.example.org:443"
    assert logs.elasticsearch_url("https://[2001:db8::1]:9243/es/") == (
        "https://[2001:db8::1]:9243/es"
    )
