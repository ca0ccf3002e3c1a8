"""The last lines of an `up`: whether the board serves, and where it is."""

import json
from typing import Any

import pytest

from infra.commands import addresses, serving
from infra.commands.addresses import Way
from infra.commands.cluster import Cluster
from tests.infra.api_server import ApiServer
from tests.infra.recorded import READY, pod, served_board
from tests.infra.workplace import Workplace

NAMESPACE = "/api/v1/namespaces/board"
READYZ = f"{NAMESPACE}/pods/web-1-a:8000/proxy/readyz"
UNREACHABLE = json.dumps({"kind": "Status", "message": "error trying to reach service"})


@pytest.fixture(autouse=True)
def served(api: ApiServer) -> None:
    api.serve_board("board")


def doubts() -> tuple[list[str], list[str]]:
    """Return what does not serve, and what was told beside it."""
    told: list[str] = []
    found = serving.doubts(Cluster("first"), "board", told.append, wait=lambda _: None)
    return found, told


def test_a_board_that_serves_raises_no_doubt(api: ApiServer):
    assert doubts() == ([], [])
    assert READYZ in "".join(api.asked)


def test_a_pod_that_says_no_is_named_with_what_it_says(api: ApiServer):
    api.answers[READYZ] = (503, json.dumps({"status": "no database"}))
    assert doubts()[0] == ["Pod web-1-a does not serve: /readyz answers 503, no database."]


def test_a_service_of_nginx_without_pods_is_told(api: ApiServer):
    api.hold("board", endpointslices=[])
    assert doubts()[0] == ["No pod of nginx is ready, so nobody can reach the board."]


def test_a_board_without_pods_is_told(api: ApiServer):
    api.hold("board", pods=[])
    assert doubts()[0] == ["No pod of the board is there."]


def test_up_without_the_right_to_ask_pods_tells_so_and_succeeds(api: ApiServer):
    api.answers[f"{NAMESPACE}/pods"] = 403
    assert doubts() == (
        [],
        ["It could not be asked whether the board serves: you may not ask that there."],
    )
    api.serve_board("board")
    api.answers[READYZ] = (403, UNREACHABLE)
    assert doubts()[1] == [
        "It could not be asked whether the board serves: you may not ask that there."
    ]


@pytest.mark.parametrize(
    ("conditions", "found"), [(READY, []), ([], ["Pod web-1-a is not ready."])]
)
def test_a_pod_out_of_the_servers_reach_is_believed_by_its_nodes_word(
    api: ApiServer, conditions: list[Any], found: list[str]
):
    api.answers[READYZ] = (502, UNREACHABLE)
    board = pod("web-1-a", ("ReplicaSet", "web-1"), {"conditions": conditions})
    api.hold("board", pods=[board])
    assert doubts()[0] == found


def way(**changed: Any) -> Way:
    given: dict[str, Any] = {
        "context": "first",
        "namespace": "board",
        "url": "http://localhost:30080/x",
        "host": "localhost",
        "path": "/x",
        "gateway": "",
        "gateway_namespace": "",
        "node_port": 30080,
    }
    return Way(**(given | changed))


def node(name: str, **addresses: str) -> dict[str, Any]:
    told = [{"type": kind, "address": address} for kind, address in addresses.items()]
    return {"metadata": {"name": name}, "status": {"addresses": told}}


@pytest.mark.parametrize(
    ("known", "address"),
    [
        ({"InternalIP": "10.0.0.1", "ExternalIP": "203.0.113.7"}, "203.0.113.7"),
        ({"Hostname": "n1", "InternalIP": "10.0.0.1"}, "10.0.0.1"),
        ({"InternalIP": "2001:db8::7"}, "[2001:db8::7]"),
    ],
)
def test_the_address_is_of_a_node_that_nginx_runs_on(
    api: ApiServer, known: dict[str, str], address: str
):
    nodes = [node("n0", ExternalIP="203.0.113.9"), node("n1", **known)]
    api.answers["/api/v1/nodes"] = {"items": nodes}
    assert addresses.where(Cluster("first"), way()) == f"The board is at http://{address}:30080/x"


def test_up_without_the_right_to_read_nodes_tells_the_pods_address(api: ApiServer):
    api.answers["/api/v1/nodes"] = 403
    assert served_board()["pods"][1]["status"]["hostIP"] == "10.99.0.1"
    assert addresses.where(Cluster("first"), way()) == "The board is at http://10.99.0.1:30080/x"


@pytest.mark.parametrize(
    "changed",
    [
        {"context": "kind-board"},
        {"host": "board.example.org", "url": "http://board.example.org:30080/x"},
    ],
)
def test_a_host_that_is_set_and_a_cluster_of_this_machine_are_as_the_program_says(
    api: ApiServer, changed: dict[str, str]
):
    one = way(**changed)
    assert addresses.where(Cluster("first"), one) == f"The board is at {one.url}"


def test_where_no_address_is_known_up_tells_how_to_make_one(api: ApiServer):
    assert addresses.where(Cluster("first"), way(node_port=0)) == (
        "The board is at http://localhost:8080/x while this runs:\n"
        "kubectl --context first -n board port-forward service/nginx 8080:80"
    )


@pytest.mark.parametrize(
    ("listeners", "address"),
    [
        ([("http", 80, ""), ("https", 443, "*.example.org")], "https://board.example.org/x"),
        ([("http", 80, ""), ("https", 443, "other.example.org")], "http://board.example.org/x"),
        ([("https", 8443, "board.example.org")], "https://board.example.org:8443/x"),
        ([], "http://board.example.org/x"),
    ],
)
def test_the_gateway_says_where_https_ends(
    api: ApiServer, listeners: list[tuple[str, int, str]], address: str
):
    spec = {
        "listeners": [
            {"protocol": scheme.upper(), "port": port, "hostname": name}
            for scheme, port, name in listeners
        ]
    }
    gateway = {"metadata": {"name": "edge"}, "spec": spec}
    path = "/apis/gateway.networking.k8s.io/v1/namespaces/edges/gateways"
    api.answers[path] = {"items": [gateway]}
    one = way(
        gateway="edge",
        gateway_namespace="edges",
        host="board.example.org",
        url="http://board.example.org/x",
    )
    assert addresses.where(Cluster("first"), one) == f"The board is at {address}"


def test_up_ends_with_1_when_the_board_does_not_serve(here: Workplace):
    here.api.hold("there", endpointslices=[])
    here.monkeypatch.setattr(serving, "PAUSE", 0)
    done = here.do("up", "--image", "board:1")
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == (
        "Error: No pod of nginx is ready, so nobody can reach the board."
    )


def test_a_certificate_that_is_missing_is_said(here: Workplace):
    here.know_settings("board", tlsSecret="tls")
    done = here.do("up", "--image", "board:1")
    assert "Secret tls is not there yet: there is no HTTPS until it is" in done.output
    here.api.answers["/api/v1/namespaces/there/secrets/tls"] = {}
    assert "not there yet" not in here.do("up", "--image", "board:1").output
