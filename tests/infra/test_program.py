"""The program against a stand-in engine: names, secrets, order, and what is told at the end."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
import yaml

from infra.commands.program import FOLDER, PROJECT
from tests.infra import engine
from tests.infra.engine import Resource, Run, configuration
from tests.infra.objects import environment, files, leaves, pod
from tests.infra.scenarios import (
    API_KEY,
    AUTHORITY,
    EXTERNAL,
    IMAGE,
    PROVIDER_SECRETS,
    REDIS_URL,
    SCENARIOS,
    SECRET_KEY,
    SMTP_URL,
    deployed,
    rendered,
)

every_scenario = pytest.mark.parametrize("name", SCENARIOS)
every_run = pytest.mark.parametrize("preview", [False, True], ids=["up", "preview"])


def secrets_of(found: Run) -> set[str]:
    """Return everything that a run holds in Secrets, and the passwords it had made."""
    values = {API_KEY, EXTERNAL, REDIS_URL, *SECRET_KEY.split(",")}
    for resource in found.resources.values():
        held = resource.inputs.get("stringData")
        if isinstance(held, dict):  # in a preview it may not be known yet
            values |= {value for key, value in held.items() if key != "username"}
        if resource.type.endswith(":RandomPassword"):
            values.add(engine.made_secret(resource.name, resource.inputs["length"]))
    return values - {engine.UNKNOWN}


def value_at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@every_scenario
@every_run
def test_every_scenario_runs_without_an_error_or_a_log(name: str, preview: bool):
    found = rendered(name, preview=preview)
    assert (found.error, found.logs) == ("", [])
    assert found.resources


@every_scenario
def test_a_preview_asks_for_the_same_resources(name: str):
    assert set(rendered(name).resources) == set(rendered(name, preview=True).resources)


@every_scenario
@every_run
def test_no_value_of_an_object_is_null(name: str, preview: bool):
    for resource in rendered(name, preview=preview).resources.values():
        for path in leaves(resource.inputs):
            assert value_at(resource.inputs, path) is not None, (resource.urn, path)


@every_scenario
@every_run
def test_secrets_are_in_secrets_and_marked_as_such(name: str, preview: bool):
    found = rendered(name, preview=preview)
    known = secrets_of(found)
    for resource in found.resources.values():
        if resource.type.endswith(":Secret"):
            assert ("stringData",) in resource.secrets
            continue
        assert resource.secrets == set()
        text = str(resource.inputs)
        assert not [secret for secret in known if secret in text], resource.urn
    assert found.secret_outputs == set()
    assert not [secret for secret in known if secret in str(found.outputs)]


def test_secrets_are_made_by_a_resource_and_so_stay_the_same():
    found = rendered("defaults")
    made = [r for r in found.resources.values() if r.type.endswith(":RandomPassword")]
    assert {r.name for r in made} == {"secret-key", "board-password", "superuser-password"}
    assert all(r.inputs["length"] >= 32 and r.inputs["special"] is False for r in made)
    url = found.named("database-url", ":Secret").inputs["stringData"]["database-url"]
    password = engine.made_secret("board-password", 40)
    assert url == f"postgresql://board:{password}@postgres:5432/board?sslmode=disable"


def test_a_configured_key_is_used_and_the_made_one_kept():
    found = rendered("own-key")
    secret = found.named("secret-key", ":Secret")
    assert secret.inputs["stringData"] == {"secret-key": SECRET_KEY, "smtp-url": SMTP_URL}
    assert found.named("secret-key", ":RandomPassword")


def test_providers_know_the_board_by_a_secret_that_is_a_file():
    found = rendered("providers")
    held = found.named("secret-key", ":Secret").inputs["stringData"]
    name, _, secret = PROVIDER_SECRETS.partition("=")
    assert held[name] == secret
    environ = {
        each["name"]: each["value"]
        for each in pod(deployed("providers"), "web").containers[0]["env"]
    }
    assert environ[f"{name}_FILE"] == f"/run/secrets/board/{name}"


def test_the_board_trusts_ones_own_authorities():
    objects = deployed("providers")
    (container,) = pod(objects, "web").containers
    folder = environment(container, objects)["SSL_CERT_DIR"]
    assert f"{folder}/authorities.pem" in files(pod(objects, "web"), container, objects)
    assert rendered("providers").named("authorities", ":ConfigMap").inputs["data"] == {
        "authorities.pem": f"{AUTHORITY}\n" * 2
    }


@every_scenario
def test_what_a_change_must_roll_has_no_name_of_its_own(name: str):
    """A ConfigMap or Secret with a fixed name would be changed in place and roll nothing."""
    for resource in rendered(name).resources.values():
        kind = resource.type.rpartition(":")[2]
        named = "name" in resource.inputs.get("metadata", {})
        if "grafana_dashboard" in resource.inputs.get("metadata", {}).get("labels", {}):
            assert named  # beside the one before it, both would write the same file
        elif kind in {"ConfigMap", "Secret", "Job", "NetworkPolicy"}:
            assert not named, resource.urn
        elif resource.type.startswith("kubernetes:"):
            assert named, resource.urn


@every_scenario
def test_every_object_goes_to_the_configured_cluster(name: str):
    found = rendered(name)
    (provider,) = [r for r in found.resources.values() if r.type.startswith("pulumi:providers:")]
    assert provider.inputs.get("context") == SCENARIOS[name].get("context")
    # What other hands changed is taken back, not argued about.
    assert provider.inputs["enablePatchForce"] in {True, "true"}
    for resource in found.resources.values():
        if resource.type.startswith("kubernetes:"):
            assert resource.request.provider.startswith(provider.urn + "::")


@every_scenario
def test_every_resource_is_in_a_component(name: str):
    for resource in rendered(name).resources.values():
        if resource.type.startswith(("kubernetes:", "random:")):
            assert "$" in resource.urn.split("::")[2], f"{resource.urn} has no parent"


def test_volumes_namespace_and_secrets_are_protected_unless_told_otherwise():
    kinds = ("Namespace", "PersistentVolumeClaim", "RandomPassword", "Cluster")
    for name in ("defaults", "cloudnativepg"):
        for resource in rendered(name).resources.values():
            assert resource.request.protect is resource.type.endswith(kinds), resource.urn
    assert not any(r.request.protect for r in rendered("dev").resources.values())


def waits_for(found: Run, resource: Resource) -> set[str]:
    """Return the names of everything that is there before a resource is made."""
    waiting, done = [resource.urn], set()
    while waiting:
        urn = waiting.pop()
        if urn not in done:
            done.add(urn)
            waiting += found.resources[urn].request.dependencies
    return {f"{found.resources[urn].type.rpartition(':')[2]}/{urn.split('::')[-1]}" for urn in done}


def test_first_the_database_then_the_migration_then_the_board_then_nginx():
    found = rendered("defaults")
    assert "StatefulSet/postgres" in waits_for(found, found.named("migrate", ":Job"))
    assert "Job/migrate" in waits_for(found, found.named("web", ":Deployment"))
    assert "Service/web" in waits_for(found, found.named("nginx", ":Deployment"))
    # A Service is waited for until it has pods: were it before its own, it would be for ever.
    assert "Service/web" not in waits_for(found, found.named("web", ":Deployment"))
    assert "Service/nginx" not in waits_for(found, found.named("nginx", ":Deployment"))


def test_a_new_password_is_known_before_it_is_used_and_the_old_one_refused_when_nobody_has_it():
    found = rendered("other-ways")
    secret = found.named("database-url", ":Secret")
    password = engine.made_secret("board-password-2", 40)
    assert secret.inputs["stringData"]["database-url"] == (
        f"postgresql://board_2:{password}@postgres:5432/board?sslmode=disable"
    )
    assert "StatefulSet/postgres" in waits_for(found, found.named("give-login", ":Job"))
    assert "Job/give-login" in waits_for(found, secret)
    shut = waits_for(found, found.named("shut-logins", ":Job"))
    assert {"Deployment/web", "CronJob/backup"} <= shut


def test_the_migration_waits_for_the_cluster_of_cloudnativepg():
    found = rendered("cloudnativepg")
    assert "Cluster/postgres" in waits_for(found, found.named("migrate", ":Job"))


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("defaults", "http://localhost:30080"),
        ("ingress", "http://board.example.org/board"),
        ("cert-manager", "https://board.example.org"),
        ("gateway", "http://board.example.org"),
        ("tls", "https://localhost:30443"),
    ],
)
def test_the_stack_tells_the_url(name: str, url: str):
    assert rendered(name).outputs["url"] == url


def test_the_stack_tells_how_to_get_the_setup_code():
    outputs = rendered("defaults").outputs
    assert outputs["namespace"] == "htmx-fastapi"
    assert outputs["setupCode"] == (
        "kubectl -n htmx-fastapi exec deploy/web -- /app/htmx-fastapi-service setup-code"
    )
    assert rendered("dev").outputs["setupCode"].startswith("kubectl --context kind-x -n")
    # Providers are the only way in there, so nothing takes a code.
    assert rendered("providers").outputs["setupCode"] == ""


def test_the_program_runs_as_pulumi_runs_it_in_a_process_of_its_own_in_its_folder():
    """Modules of `infra/` come before all others then: none may hide another one's."""
    script = f"""
import asyncio, json, os, runpy, sys
import pulumi
sys.path.pop(0)
pulumi.runtime.set_all_config(json.loads(os.environ["PULUMI_CONFIG"]), [])
pulumi.runtime.configure(pulumi.runtime.Settings(
    project={PROJECT!r}, stack={engine.STACK!r}, parallel=4, dry_run=False,
    monitor=sys.argv[1], engine=sys.argv[1], organization="organization"))
async def program(): runpy.run_path({str(FOLDER)!r}, run_name="__main__")
asyncio.run(pulumi.runtime.run_in_stack(program))
"""
    with engine.serve(preview=False) as (found, address):
        done = subprocess.run(
            [sys.executable, "-c", script, address],
            cwd=FOLDER,
            env={**os.environ, "PULUMI_CONFIG": json.dumps(configuration({"image": IMAGE}))},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert set(found.resources) == set(rendered("defaults").resources)
    assert found.outputs == rendered("defaults").outputs


def test_pulumi_can_ask_what_is_installed() -> None:
    told = yaml.safe_load((FOLDER / "Pulumi.yaml").read_text())["runtime"]["options"]
    python = FOLDER / told["virtualenv"] / "bin" / "python"
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=json"], capture_output=True, check=True
    ).stdout
    assert "pulumi_kubernetes" in {
        package["name"].replace("-", "_") for package in json.loads(listed)
    }
