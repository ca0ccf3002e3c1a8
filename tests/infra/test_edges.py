"""The network policies: exactly the edges that exist, worked out from the objects."""

import pytest

from tests.infra.edges import NAMESPACE, WORLD, Edge, ways_in, ways_out
from tests.infra.objects import of_kind, parts
from tests.infra.scenarios import OUTSIDE, SCENARIOS, configured, deployed, rendered

CLIENTS = ("web", "migrate", "backup", "get-backups")
RESOLVERS = (f"{NAMESPACE}=kube-system k8s-app=kube-dns", "169.254.20.10/32")
OTHER_RESOLVERS = (
    f"{NAMESPACE}=openshift-dns dns.operator.openshift.io/daemonset-dns=default,tier=names",
    "169.254.20.10/32",
)
OPERATOR = f"{NAMESPACE}=cnpg-system app.kubernetes.io/name=cloudnative-pg"


def asks_names(*pods: str, resolvers: tuple[str, ...] = RESOLVERS) -> set[Edge]:
    return {(pod, to, f"53/{p}") for pod in pods for to in resolvers for p in ("UDP", "TCP")}


COMMON = {("nginx", "web", "8000/TCP")}
NAMES = {
    # Here the jobs that change the password talk to the database, too.
    "other-ways": asks_names("nginx", *CLIENTS, "login", resolvers=OTHER_RESOLVERS),
}
OWN = {(pod, "postgres", "5432/TCP") for pod in CLIENTS}
CLUSTER = {
    *asks_names("postgres"),
    *(
        (who, "postgres", port)
        for who in ("postgres", OPERATOR)
        for port in ("5432/TCP", "8000/TCP")
    ),
    *(("postgres", WORLD, port) for port in ("443/TCP", "6443/TCP")),
}
DATABASES = {
    "external": {
        *((pod, WORLD, "6432/TCP") for pod in CLIENTS),
        ("web", WORLD, "6380/TCP"),  # its Redis
    },
    "external-networks": {
        *((pod, to, "6432/TCP") for pod in CLIENTS for to in ("192.0.2.0/28", "2001:db8::/64")),
        ("web", "198.51.100.9/32", "6380/TCP"),
    },
    "valkey": OWN | {("web", "valkey", "6379/TCP")},
    "cloudnativepg": OWN | CLUSTER,
    "own-key": OWN | {("web", WORLD, "2525/TCP")},  # its mail
    "providers": OWN | {("web", WORLD, port) for port in ("443/TCP", "8443/TCP")},
    "providers-networks": OWN | {("web", "198.51.100.0/24", "443/TCP")},
    "logs": OWN | asks_names("filebeat") | {("filebeat", "203.0.113.0/24", "443/TCP")},
    "logs-trial": OWN | asks_names("filebeat") | {("filebeat", "elasticsearch", "9200/TCP")},
    "other-ways": OWN | {("login", "postgres", "5432/TCP")},
}
MONITORING = {
    "operator": {
        (f"{NAMESPACE}=observability app.kubernetes.io/name=prometheus", "web", "9090/TCP"),
        ("web", WORLD, "8443/TCP"),  # its certificate
        ("web", WORLD, "4318/TCP"),  # its traces
    },
    "monitored": {
        ("prometheus", "web", "9090/TCP"),
        ("grafana", "prometheus", "9090/TCP"),
        ("prometheus", WORLD, "443/TCP"),  # the Alertmanager
        *asks_names("prometheus", "grafana"),
    },
}
DOORS = {
    "tls": {(WORLD, "nginx", "8080/TCP"), (WORLD, "nginx", "8443/TCP")},
    # Without a node port only the controller's pods come in.
    "cert-manager": {(f"{NAMESPACE}=traefik *", "nginx", "8080/TCP")},
    "gateway": {("* *", "nginx", "8080/TCP")},
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_pods_talk_to_whom_they_must_and_to_nobody_else(name: str):
    objects = deployed(name)
    door = DOORS.get(name, {(WORLD, "nginx", "8080/TCP")})
    names = NAMES.get(name, asks_names("nginx", *CLIENTS))
    edges = COMMON | names | door | DATABASES.get(name, OWN) | MONITORING.get(name, set())
    ours = {
        "nginx",
        "postgres",
        "valkey",
        "login",
        "filebeat",
        "elasticsearch",
        "prometheus",
        "grafana",
        *CLIENTS,
    }
    assert ways_out(objects) == {edge for edge in edges if edge[0] in ours}
    assert ways_in(objects) == {edge for edge in edges if edge[1] in ours}


WATCHED = {"monitoring": "own", "publicUrl": "https://board.example.org"}
CONTROLLER = {"controllerNamespace": "traefik", **OUTSIDE}


@pytest.mark.parametrize(
    ("given", "behind"),
    [
        ({}, set()),
        ({"tlsSecret": "board-tls"}, {("nginx", "8443/TCP")}),
        ({"ingress": True, **CONTROLLER}, {(f"{NAMESPACE}=traefik *", "any/TCP")}),
        ({"gateway": "public", **CONTROLLER}, {(f"{NAMESPACE}=traefik *", "any/TCP")}),
        ({"ingress": True, **OUTSIDE}, set()),
    ],
)
def test_a_watched_board_reaches_its_certificate_behind_the_address_of_a_service(
    given: dict[str, object], behind: set[tuple[str, str]]
):
    """Networks judge by the pod that a Service's or node's port leads to, and by its port."""
    objects = configured(**WATCHED, **given)
    out = {(to, port) for pod, to, port in ways_out(objects) if pod == "web"}
    assert out - {("postgres", "5432/TCP")} - {edge[1:] for edge in asks_names("web")} == {
        (WORLD, "443/TCP"),
        *behind,
    }
    if ("nginx", "8443/TCP") in behind:
        assert (WORLD, "nginx", "8443/TCP") in ways_in(objects)


def test_a_board_that_nothing_watches_does_not_ask_nginx():
    assert ("web", "nginx", "8443/TCP") not in ways_out(deployed("tls"))


def test_a_changed_policy_is_made_beside_the_one_before():
    """Or the pods of before would lose their edges while those to come are not there yet."""
    policies = [r for r in rendered("defaults").resources.values() if "NetworkPolicy" in r.type]
    assert {tuple(r.request.replaceOnChanges) for r in policies} == {("spec",)}
    assert not [r.urn for r in policies if "name" in r.inputs["metadata"]]


@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_else_is_put_in_the_namespace_may_talk_to_nobody(name: str):
    for part in parts(deployed(name)):
        policies = of_kind(part, "NetworkPolicy")
        (deny,) = [policy for policy in policies if policy["spec"]["podSelector"] == {}]
        assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
