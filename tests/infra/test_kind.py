"""`pdm run up --kind`: from nothing to the board on a cluster of this machine."""

import json
import stat

import pytest

from tests.infra.engine import project
from tests.infra.workplace import Workplace

pytestmark = pytest.mark.usefixtures("cluster_made_here")
BUILT = "htmx-fastapi-service:dev-0123456789ab"


@pytest.fixture
def cluster_made_here(here: Workplace) -> None:
    here.know_clusters("kind-board")


def test_up_kind_makes_cluster_and_image_and_deploys(here: Workplace):
    here.monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    done = here.do("up", "--kind")
    assert done.exit_code == 0, done.output
    order = [call["args"][0] for call in here.calls if call["name"] in {"kind", "docker"}]
    assert order == ["version", "get", "create", "build", "tag", "load"]
    assert f"load docker-image {BUILT} --name board" in here.said_to("kind")
    assert here.memory["stacks"]["kind"] == {
        "context": "kind-board",
        "cluster": "uid-of-kind-board",
        "image": BUILT,
        "dev": "true",
        "protect": "false",
    }
    assert "The board is at http://there" in done.output


def test_the_node_port_of_the_board_is_the_machines_own_and_nobody_elses(here: Workplace):
    here.do("up", "--kind")
    (given,) = [call["given"] for call in here.calls if "create" in call["args"]]
    (mapping,) = json.loads(given)["nodes"][0]["extraPortMappings"]
    assert mapping["containerPort"] == project()["config"]["nodePort"]["default"]
    assert (mapping["hostPort"], mapping["listenAddress"]) == (30080, "127.0.0.1")


def test_the_passphrase_of_kind_is_made_once_and_kept_from_others(here: Workplace):
    here.monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    here.do("up", "--kind")
    kept = here.folder / "var" / "kind-passphrase"
    first = kept.read_text()
    assert len(first) >= 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    here.do("up", "--kind")
    assert kept.read_text() == first
    assert here.calls[-2]["environ"].get("PULUMI_CONFIG_PASSPHRASE_FILE", str(kept)) == str(kept)
    assert first not in json.dumps(here.calls)


def test_a_second_up_kind_keeps_cluster_and_stack(here: Workplace):
    here.remember(clusters=["board"], stacks={"kind": {}})
    assert here.do("up", "--kind").exit_code == 0
    assert not [line for line in here.said_to("kind") if line.startswith("create")]
    assert not [line for line in here.said_to("pulumi") if " rm " in line]


def test_a_stack_whose_cluster_is_gone_is_forgotten(here: Workplace):
    here.remember(clusters=[], stacks={"kind": {}})
    assert here.do("up", "--kind").exit_code == 0
    assert [line for line in here.said_to("pulumi") if " rm " in line]


def test_a_stack_of_another_cluster_of_this_name_is_forgotten(here: Workplace):
    here.remember(clusters=["board"], stacks={"kind": {}})
    here.know_settings("kind", cluster="uid-of-the-one-before")
    assert here.do("up", "--kind").exit_code == 0
    assert [line for line in here.said_to("pulumi") if " rm " in line]


def test_it_ends_with_how_the_first_admin_is_made(here: Workplace):
    done = here.do("up", "--kind")
    assert done.exit_code == 0, done.output
    assert done.output.endswith("A new board asks for the code that this prints: setup-code\n")


def test_docker_that_does_not_run_is_said(here: Workplace):
    here.fail("docker", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")
    done = here.do("up", "--kind")
    assert done.output == (
        "Error: `docker version --format`: "
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n"
    )
    assert here.said_to("kind") == []


def test_a_build_that_fails_ends_up_kind(here: Workplace):
    here.fail("docker-build", "no")
    done = here.do("up", "--kind")
    assert done.output.endswith("Error: `docker build --iidfile` failed with 1; see above.\n")
    assert not [line for line in here.said_to("kind") if line.startswith("load")]


def test_down_kind_asks_and_deletes_the_cluster(here: Workplace):
    here.remember(clusters=["board"], stacks={"kind": {}})
    refused = here.do("down", "--kind", typed="n\n")
    assert "The cluster and its volumes go together: nothing is done." in refused.output
    assert here.memory["clusters"] == ["board"]
    assert here.do("down", "--kind", typed="y\n").exit_code == 0
    assert (here.memory["clusters"], here.memory["stacks"]) == ([], {})
