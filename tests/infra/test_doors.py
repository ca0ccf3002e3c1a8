"""The ways in to the board: nginx, an Ingress, a Gateway."""

from tests.infra.objects import of_kind, one, pod
from tests.infra.scenarios import deployed


def test_nginx_is_on_every_nodes_port_30080():
    service = one(deployed("defaults"), "Service", "nginx")
    assert [port["nodePort"] for port in service["spec"]["ports"]] == [30080]
    assert service["spec"]["externalTrafficPolicy"] == "Local"


def test_nginx_has_its_files_as_they_stand_and_the_boards_service_twice():
    config = one(deployed("defaults"), "ConfigMap", "nginx")["data"]
    assert config["upstream.conf"] == "server web:8000 max_fails=0;\n" * 2
    assert config["trusted-proxies.conf"] == "# none\n"
    with_proxies = one(deployed("tls"), "ConfigMap", "nginx")["data"]
    assert with_proxies["trusted-proxies.conf"] == "set_real_ip_from 192.0.2.1/32;\n"
    assert with_proxies["trusted-schemes.conf"] == "192.0.2.1/32 1;\n"


def test_a_board_below_a_path_knows_of_it_everywhere():
    objects = deployed("ingress")
    assert one(objects, "ConfigMap", "settings")["data"]["PUBLIC_URL"] == (
        "http://board.example.org/board"
    )
    assert one(objects, "ConfigMap", "nginx")["data"]["public-path.conf"] == 'default "/board";\n'
    (rule,) = one(objects, "Ingress", "board")["spec"]["rules"]
    assert [path["path"] for path in rule["http"]["paths"]] == ["/board"]


def test_nginx_serves_https_with_the_certificate_that_is_named():
    objects = deployed("tls")
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


def test_an_ingress_has_no_controllers_own_annotations():
    (plain,) = of_kind(deployed("ingress"), "Ingress")
    assert plain["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}
    assert set(plain["spec"]) == {"rules"}
    (signed,) = of_kind(deployed("cert-manager"), "Ingress")
    assert signed["metadata"]["annotations"]["cert-manager.io/cluster-issuer"] == "letsencrypt"
    assert signed["spec"]["tls"] == [{"hosts": ["board.example.org"], "secretName": "board-tls"}]
    assert signed["spec"]["ingressClassName"] == "traefik"


def test_a_gateway_lets_streams_last():
    (route,) = of_kind(deployed("gateway"), "HTTPRoute")
    assert route["spec"]["parentRefs"] == [{"name": "public", "namespace": "gateways"}]
    assert route["spec"]["hostnames"] == ["board.example.org"]
    (rule,) = route["spec"]["rules"]
    assert rule["timeouts"] == {"request": "0s", "backendRequest": "0s"}
