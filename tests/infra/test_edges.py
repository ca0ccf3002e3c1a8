"""The network policies: exactly the edges that exist, worked out from the objects."""

import pytest

from tests.infra.edges import WORLD, edges, unprotected
from tests.infra.objects import of_kind
from tests.infra.scenarios import SCENARIOS, manifests, rendered

INSIDE = {("nginx", "web", 8000)}
DNS = {(name, WORLD, 53) for name in ("nginx", "web", "migrate", "backup")}
DOOR = {(WORLD, "nginx", 8080)}
OWN = {(name, "postgres", 5432) for name in ("web", "migrate", "backup")}
EXTERNAL = {(name, WORLD, 6432) for name in ("web", "migrate", "backup")}
# The instances among themselves, their operator, and the API server.
CLUSTER = {("postgres", "postgres", 5432), ("postgres", "postgres", 8000)}
CLUSTER |= {(WORLD, "postgres", 5432), (WORLD, "postgres", 8000)}
CLUSTER |= {("postgres", WORLD, port) for port in (53, 443, 6443)}


@pytest.mark.parametrize("name", SCENARIOS)
def test_pods_talk_to_whom_they_must_and_to_nobody_else(name: str):
    database = {"external": EXTERNAL, "external-networks": EXTERNAL, "cloudnativepg": OWN | CLUSTER}
    tls = {(WORLD, "nginx", 8443)} if name == "tls" else set()
    expected = INSIDE | DNS | DOOR | tls | database.get(name, OWN)
    assert edges(manifests(rendered(name))) == expected


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_pod_is_denied_everything_first(name: str):
    objects = manifests(rendered(name))
    assert unprotected(objects) == []
    (deny,) = [p for p in of_kind(objects, "NetworkPolicy") if p["spec"]["podSelector"] == {}]
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def door(name: str) -> dict:
    (policy,) = [
        p
        for p in of_kind(manifests(rendered(name)), "NetworkPolicy")
        if p["metadata"]["name"] == "nginx"
    ]
    return policy["spec"]["ingress"][0]


def test_without_a_node_port_only_the_controllers_pods_come_in():
    assert "from" not in door("defaults")
    (peer,) = door("cert-manager")["from"]
    labels = peer["namespaceSelector"]["matchLabels"]
    assert labels == {"kubernetes.io/metadata.name": "traefik"}
    assert door("gateway")["from"] == [{"namespaceSelector": {}}]


def test_an_external_database_is_reached_where_it_is_and_nowhere_else():
    (policy,) = [
        p
        for p in of_kind(manifests(rendered("external-networks")), "NetworkPolicy")
        if p["metadata"]["name"] == "to-database"
    ]
    blocks = [peer["ipBlock"]["cidr"] for peer in policy["spec"]["egress"][1]["to"]]
    assert blocks == ["192.0.2.0/28", "2001:db8::/64"]
