"""What the unmodified program asks a cluster for, in every scenario."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from service.commands import backups
from tests.infra import checks, policy, schemas
from tests.infra.engine import run
from tests.infra.objects import environment, of_kind, one, pod, pods
from tests.infra.scenarios import EXTERNAL, IMAGE, SCENARIOS, manifests, rendered

every_scenario = pytest.mark.parametrize("name", SCENARIOS)


@every_scenario
def test_every_object_is_valid_in_every_release(name: str):
    for item in manifests(rendered(name)):
        for release in schemas.RELEASES:
            assert schemas.faults(item, release) == []


@every_scenario
def test_what_one_object_names_another_one_has(name: str):
    assert checks.faults(manifests(rendered(name))) == []


def test_the_defaults_are_the_whole_deployment():
    found = {item["kind"] for item in manifests(rendered("defaults"))}
    assert found == {
        *("Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy", "PodDisruptionBudget"),
        *("ConfigMap", "Secret", "Service", "PersistentVolumeClaim"),
        *("Deployment", "StatefulSet", "Job", "CronJob"),
    }
    assert {item["metadata"]["name"] for item in of_kind(defaults(), "Namespace")} == {
        "htmx-fastapi"
    }


def defaults() -> list[dict]:
    return manifests(rendered("defaults"))


def test_the_board_has_the_size_and_the_number_of_pods_that_are_promised():
    web = pod(defaults(), "web")
    assert web.replicas == 2
    assert web.containers[0]["resources"] == {
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "limits": {"cpu": "500m", "memory": "512Mi"},
    }
    assert {web.containers[0]["image"], pod(defaults(), "migrate").containers[0]["image"]} == {
        IMAGE
    }


def test_nginx_is_on_every_nodes_port_30080():
    service = one(defaults(), "Service", "nginx")
    assert [port["nodePort"] for port in service["spec"]["ports"]] == [30080]
    assert service["spec"]["externalTrafficPolicy"] == "Local"


def test_nginx_has_its_files_as_they_stand_and_the_boards_service_twice():
    config = one(defaults(), "ConfigMap", "nginx")["data"]
    assert config["upstream.conf"] == "server web:8000 max_fails=0;\n" * 2
    assert config["trusted-proxies.conf"] == "# none\n"
    with_proxies = one(manifests(rendered("tls")), "ConfigMap", "nginx")["data"]
    assert with_proxies["trusted-proxies.conf"] == "set_real_ip_from 192.0.2.1/32;\n"
    assert with_proxies["trusted-schemes.conf"] == "192.0.2.1/32 1;\n"


def test_a_board_below_a_path_knows_of_it_everywhere():
    objects = manifests(rendered("ingress"))
    assert one(objects, "ConfigMap", "settings")["data"]["PUBLIC_URL"] == (
        "http://board.example.org/board"
    )
    assert one(objects, "ConfigMap", "nginx")["data"]["public-path.conf"] == 'default "/board";\n'
    (rule,) = one(objects, "Ingress", "board")["spec"]["rules"]
    assert [path["path"] for path in rule["http"]["paths"]] == ["/board"]


def test_nginx_serves_https_with_the_certificate_that_is_named():
    objects = manifests(rendered("tls"))
    nginx = pod(objects, "nginx")
    (volume,) = [v for v in nginx.spec["volumes"] if v["name"] == "board"]
    assert volume["projected"]["sources"][1]["secret"] == {
        "name": "board-tls",
        "items": [
            {"key": "tls.crt", "path": "tls/tls.crt"},
            {"key": "tls.key", "path": "tls/tls.key"},
        ],
        "optional": True,  # nginx starts before it is there
    }
    ports = one(objects, "Service", "nginx")["spec"]["ports"]
    assert {port["port"]: port["nodePort"] for port in ports} == {80: 30080, 443: 30443}
    # Plain HTTP sends on to it: nginx looks for the certificate from its folder.
    assert nginx.containers[0]["workingDir"] == "/etc/nginx/board"
    local = one(objects, "ConfigMap", "nginx")["data"]["local.conf"]
    assert local == 'if ($http_host ~ ":30080$") { set $https_port :30443; }\n'


def test_a_backup_is_made_every_night_and_some_are_kept():
    job = one(defaults(), "CronJob", "backup")
    container = pod(defaults(), "backup").containers[0]
    assert job["spec"]["schedule"] == "17 2 * * *"
    assert container["args"] == ["backup", "--keep", "14", "/backups"]
    assert "/backups" in [mount["mountPath"] for mount in container["volumeMounts"]]


def test_a_pod_for_fetching_backups_is_made_only_when_asked_for():
    objects = defaults()
    spec = one(objects, "CronJob", "get-backups")["spec"]
    fetching, saving = pod(objects, "get-backups"), pod(objects, "backup")
    assert spec["suspend"] is True
    assert fetching.containers[0]["args"] == ["backups", "--hold", "/backups"]
    assert fetching.spec["volumes"] == saving.spec["volumes"]
    # What it is sent has the space that the backups have.
    assert environment(fetching.containers[0], objects)["TMPDIR"] == "/backups"
    # It ends by itself before it is killed, and leaves its name to the next one.
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] > backups.HOLD
    assert spec["jobTemplate"]["spec"]["ttlSecondsAfterFinished"] <= 3600


def configured(**values: object) -> list[dict]:
    found = run({"image": IMAGE, **values})
    assert found.error == ""
    return manifests(found)


def test_what_is_changed_often_restarts_no_database_and_shrinks_no_quota():
    """What runs needs its place until it is gone, and nobody should wait for a database."""
    changes = (
        {"replicas": 10},
        {"maxReplicas": 5},
        {"workers": 2},
        {"databasePool": 5},
        {"databasePasswordNumber": 2},
    )
    for kind in ("StatefulSet", "ResourceQuota"):
        (before,) = of_kind(defaults(), kind)
        assert [of_kind(configured(**each), kind) for each in changes] == [[before]] * len(changes)


def test_postgresql_allows_as_many_connections_as_configured():
    for values, wanted in (({}, 300), ({"databaseConnections": 400}, 400)):
        args = pod(configured(**values), "postgres").containers[0]["args"]
        assert args == ["postgres", "-c", f"max_connections={wanted}"]


def test_the_biggest_board_fits_its_quota():
    biggest = {"replicas": 99, "maxReplicas": 100, "nginxReplicas": 100, "databaseInstances": 9}
    external = {"database": "external", "databaseUrl": EXTERNAL}
    assert checks.faults(configured(**biggest, **external)) == []
    assert checks.faults(configured(**biggest | {"replicas": 2, "maxReplicas": 12})) == []


@pytest.mark.parametrize(
    ("said", "alive", "ready"),
    [(0, True, True), (1, True, False), (2, False, False), (3, False, False)],
    ids=["accepts", "recovers", "silent", "not asked"],
)
def test_a_database_that_answers_is_alive(tmp_path: Path, said: int, alive: bool, ready: bool):
    """pg_isready says 1 for as long as a recovery takes, and a probe that fails then kills it."""
    program = tmp_path / "pg_isready"
    program.write_text(f"#!/bin/sh\nexit {said}\n")
    program.chmod(0o755)
    postgres = pod(defaults(), "postgres").containers[0]
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    for name, good in (
        ("startupProbe", alive),
        ("livenessProbe", alive),
        ("readinessProbe", ready),
    ):
        done = subprocess.run(postgres[name]["exec"]["command"], env=path, check=False)
        assert (done.returncode == 0) is good, name


def test_a_database_that_never_got_ready_is_replaced_all_the_same():
    (found,) = of_kind(defaults(), "StatefulSet")
    assert found["spec"]["podManagementPolicy"] == "Parallel"


def test_cloudnativepg_gets_a_cluster_and_nothing_else_of_postgresql():
    objects = manifests(rendered("cloudnativepg"))
    assert of_kind(objects, "StatefulSet") == []
    (cluster,) = of_kind(objects, "Cluster")
    assert cluster["metadata"]["annotations"] == {"pulumi.com/waitFor": "condition=Ready"}
    assert cluster["spec"]["storage"] == {"size": "10Gi", "storageClass": "fast"}
    owner = one(objects, "Secret", "postgres-owner")
    assert (owner["type"], owner["stringData"]["username"]) == ("kubernetes.io/basic-auth", "board")
    url = one(objects, "Secret", "database-url")["stringData"]["database-url"]
    assert url == f"postgresql://board:{owner['stringData']['password']}@postgres-rw:5432/board"


def test_an_external_database_is_used_as_it_is_named():
    objects = manifests(rendered("external"))
    assert of_kind(objects, "StatefulSet", "Cluster") == []
    assert one(objects, "Secret", "database-url")["stringData"]["database-url"] == EXTERNAL
    assert {c["metadata"]["name"] for c in of_kind(objects, "PersistentVolumeClaim")} == {"backups"}


def test_the_autoscaler_starts_at_two_and_decides_alone():
    objects = manifests(rendered("autoscaled"))
    (scaler,) = of_kind(objects, "HorizontalPodAutoscaler")
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (2, 5)
    # Left out, the number would fall to one when the autoscaler is added to a running board.
    assert one(objects, "Deployment", "web")["spec"]["replicas"] == 2
    assert ignored("autoscaled") == ["spec.replicas"]
    assert ignored("defaults") == []


def ignored(name: str) -> list[str]:
    """Return what later runs leave in the board's Deployment as they find it."""
    (web,) = [
        found
        for found in rendered(name).resources.values()
        if found.type.endswith(":Deployment") and found.name == "web"
    ]
    return list(web.request.ignoreChanges)


def test_an_ingress_has_no_controllers_own_annotations():
    (plain,) = of_kind(manifests(rendered("ingress")), "Ingress")
    assert plain["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}
    assert set(plain["spec"]) == {"rules"}
    (signed,) = of_kind(manifests(rendered("cert-manager")), "Ingress")
    assert signed["metadata"]["annotations"]["cert-manager.io/cluster-issuer"] == "letsencrypt"
    assert signed["spec"]["tls"] == [{"hosts": ["board.example.org"], "secretName": "board-tls"}]
    assert signed["spec"]["ingressClassName"] == "traefik"


def test_a_gateway_lets_streams_last():
    (route,) = of_kind(manifests(rendered("gateway")), "HTTPRoute")
    assert route["spec"]["parentRefs"] == [{"name": "public", "namespace": "gateways"}]
    assert route["spec"]["hostnames"] == ["board.example.org"]
    (rule,) = route["spec"]["rules"]
    assert rule["timeouts"] == {"request": "0s", "backendRequest": "0s"}


def test_all_images_are_pulled_with_the_secret_that_is_named():
    for found in pods(manifests(rendered("other-ways"))):
        assert found.spec["imagePullSecrets"] == [{"name": "registry"}], found.name
    (cluster,) = of_kind(manifests(rendered("cloudnativepg")), "Cluster")
    assert cluster["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    assert not [each for each in pods(defaults()) if "imagePullSecrets" in each.spec]


def test_volumes_are_of_the_class_that_is_named():
    claims = of_kind(manifests(rendered("own-key")), "PersistentVolumeClaim")
    assert {claim["spec"]["storageClassName"] for claim in claims} == {"fast"}


def test_every_scenario_is_written_for_checkov(tmp_path: Path):
    policy.write(tmp_path)
    assert {file.stem for file in tmp_path.iterdir()} == set(SCENARIOS)
    kinds = {item["kind"] for item in json.loads((tmp_path / "defaults.json").read_text())["items"]}
    assert {"Deployment", "StatefulSet", "NetworkPolicy"} <= kinds
