"""The database of a deployment, in its three kinds."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.infra.objects import of_kind, one, pod
from tests.infra.scenarios import EXTERNAL, configured, deployed


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
        (before,) = of_kind(deployed("defaults"), kind)
        assert [of_kind(configured(**each), kind) for each in changes] == [[before]] * len(changes)


def test_postgresql_allows_as_many_connections_as_configured():
    for values, wanted in (({}, 300), ({"databaseConnections": 400}, 400)):
        args = pod(configured(**values), "postgres").containers[0]["args"]
        assert args == ["postgres", "-c", f"max_connections={wanted}"]


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
    postgres = pod(deployed("defaults"), "postgres").containers[0]
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    for name, good in (
        ("startupProbe", alive),
        ("livenessProbe", alive),
        ("readinessProbe", ready),
    ):
        done = subprocess.run(postgres[name]["exec"]["command"], env=path, check=False)
        assert (done.returncode == 0) is good, name


def test_a_database_that_never_got_ready_is_replaced_all_the_same():
    (found,) = of_kind(deployed("defaults"), "StatefulSet")
    assert found["spec"]["podManagementPolicy"] == "Parallel"


def test_cloudnativepg_gets_a_cluster_and_nothing_else_of_postgresql():
    objects = deployed("cloudnativepg")
    assert of_kind(objects, "StatefulSet") == []
    (cluster,) = of_kind(objects, "Cluster")
    assert cluster["metadata"]["annotations"] == {"pulumi.com/waitFor": "condition=Ready"}
    assert cluster["spec"]["storage"] == {"size": "10Gi", "storageClass": "fast"}
    owner = one(objects, "Secret", "postgres-owner")
    assert (owner["type"], owner["stringData"]["username"]) == ("kubernetes.io/basic-auth", "board")
    url = one(objects, "Secret", "database-url")["stringData"]["database-url"]
    assert url == f"postgresql://board:{owner['stringData']['password']}@postgres-rw:5432/board"


def test_an_external_database_is_used_as_it_is_named():
    objects = deployed("external")
    assert of_kind(objects, "StatefulSet", "Cluster") == []
    assert one(objects, "Secret", "database-url")["stringData"]["database-url"] == EXTERNAL
    assert {c["metadata"]["name"] for c in of_kind(objects, "PersistentVolumeClaim")} == {"backups"}
