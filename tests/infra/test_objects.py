"""What the unmodified program asks a cluster for, in every scenario."""

import json
from pathlib import Path

import pytest

from service.commands import backups
from tests.infra import checks, policy, schemas
from tests.infra.objects import environment, of_kind, one, pod, pods
from tests.infra.scenarios import EXTERNAL, IMAGE, SCENARIOS, configured, deployed, rendered

every_scenario = pytest.mark.parametrize("name", SCENARIOS)


@every_scenario
def test_every_object_is_valid_in_every_release(name: str):
    for item in deployed(name):
        for release in schemas.RELEASES:
            assert schemas.faults(item, release) == []


@every_scenario
def test_what_one_object_names_another_one_has(name: str):
    assert checks.faults(deployed(name)) == []


def test_the_defaults_are_the_whole_deployment():
    found = {item["kind"] for item in deployed("defaults")}
    assert found == {
        *("Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy", "PodDisruptionBudget"),
        *("ConfigMap", "Secret", "Service", "PersistentVolumeClaim"),
        *("Deployment", "StatefulSet", "Job", "CronJob"),
    }
    assert {item["metadata"]["name"] for item in of_kind(deployed("defaults"), "Namespace")} == {
        "htmx-fastapi"
    }


def test_the_board_has_the_size_and_the_number_of_pods_that_are_promised():
    web = pod(deployed("defaults"), "web")
    assert web.replicas == 2
    assert web.containers[0]["resources"] == {
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "limits": {"cpu": "500m", "memory": "512Mi"},
    }
    assert {
        web.containers[0]["image"],
        pod(deployed("defaults"), "migrate").containers[0]["image"],
    } == {IMAGE}


def test_a_backup_is_made_every_night_and_some_are_kept():
    job = one(deployed("defaults"), "CronJob", "backup")
    container = pod(deployed("defaults"), "backup").containers[0]
    assert job["spec"]["schedule"] == "17 2 * * *"
    assert container["args"] == ["backup", "--keep", "14", "/backups"]
    assert "/backups" in [mount["mountPath"] for mount in container["volumeMounts"]]


def test_a_pod_for_fetching_backups_is_made_only_when_asked_for():
    objects = deployed("defaults")
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


def test_the_biggest_board_fits_its_quota():
    biggest = {"replicas": 99, "maxReplicas": 100, "nginxReplicas": 100, "databaseInstances": 9}
    external = {"database": "external", "databaseUrl": EXTERNAL}
    assert checks.faults(configured(**biggest, **external)) == []
    own = {"replicas": 2, "maxReplicas": 12, "cache": "valkey"}
    assert checks.faults(configured(**biggest | own)) == []


def test_the_autoscaler_starts_at_two_and_decides_alone():
    objects = deployed("autoscaled")
    (scaler,) = of_kind(objects, "HorizontalPodAutoscaler")
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (2, 5)
    # Left out, the number would fall to one when the autoscaler is added to a running board.
    assert one(objects, "Deployment", "web")["spec"]["replicas"] == 2
    assert ignored("autoscaled") == ["spec.replicas"]
    assert ignored("defaults") == []


def ignored(name: str) -> list[str]:
    """Return what later runs leave in the board's Deployment as they find it."""
    return list(rendered(name).named("web", ":Deployment").request.ignoreChanges)


def test_all_images_are_pulled_with_the_secret_that_is_named():
    for found in pods(deployed("other-ways")):
        assert found.spec["imagePullSecrets"] == [{"name": "registry"}], found.name
    (cluster,) = of_kind(deployed("cloudnativepg"), "Cluster")
    assert cluster["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    assert not [each for each in pods(deployed("defaults")) if "imagePullSecrets" in each.spec]


def test_volumes_are_of_the_class_that_is_named():
    claims = of_kind(deployed("own-key"), "PersistentVolumeClaim")
    assert {claim["spec"]["storageClassName"] for claim in claims} == {"fast"}


def test_every_scenario_is_written_for_checkov(tmp_path: Path):
    policy.write(tmp_path)
    assert {file.stem for file in tmp_path.iterdir()} == set(SCENARIOS)
    kinds = {item["kind"] for item in json.loads((tmp_path / "defaults.json").read_text())["items"]}
    assert {"Deployment", "StatefulSet", "NetworkPolicy"} <= kinds
