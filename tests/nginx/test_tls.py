"""HTTPS: switched on by a certificate, and only by that."""

import socket
import ssl
import warnings

import httpx2
import pytest
from websockets.sync.client import connect

from service.web.envelope import HSTS
from tests.nginx import upstreams
from tests.nginx.proxy import TLS_PORT, Nginx, running
from tests.people import PAGE, PASSWORD, PROGRAM, post
from tests.servers import Server
from tests.streams import open_stream

SIGN_IN = {"username": "alice", "password": PASSWORD}


def handshake(version: ssl.TLSVersion) -> str:
    """Return what is wrong with a handshake by one version of TLS alone."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")  # else OpenSSL itself would refuse the old versions
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = context.maximum_version = version
    try:
        with socket.create_connection(("localhost", TLS_PORT)) as plain:
            context.wrap_socket(plain).close()
    except ssl.SSLError as failure:
        return failure.reason
    return ""


def test_a_certificate_is_all_that_https_needs(server: Server) -> None:
    with running(server.port, certificate=True) as nginx:
        alice = nginx.tls_client()
        answer = alice.post("/api/login", json=SIGN_IN)
        assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
        assert answer.headers["set-cookie"].startswith("__Host-board-session-")
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"] == HSTS

        cursor = alice.get("/api/messages", headers=PROGRAM).json()["cursor"]
        with open_stream(alice, cursor) as frames:
            # A form, as a browser sends it: the board must know the scheme, the host and its port.
            form = {"origin": str(alice.base_url).rstrip("/"), **PAGE}
            posted = alice.post("/api/message", data={"message": "By HTTP/2"}, headers=form)
            assert (posted.status_code, posted.headers["location"]) == (303, "/msgs#end")
            assert next(frames).text == "By HTTP/2"


def test_those_who_speak_no_http_2_are_served_too(server: Server) -> None:
    with running(server.port, certificate=True) as nginx:
        answer = nginx.tls_client(http2=False).get("/healthz")
        assert (answer.status_code, answer.http_version) == (200, "HTTP/1.1")


def test_web_sockets_pass_over_tls() -> None:
    with upstreams.websockets() as port, running(port, certificate=True) as nginx:
        context = ssl.create_default_context(cafile=nginx.folder / "tls" / "tls.crt")
        with connect(f"wss://localhost:{TLS_PORT}/api/ws", ssl=context) as near:
            assert near.recv(timeout=5) == "welcome"


def test_tls_below_1_2_is_refused(server: Server) -> None:
    with running(server.port, certificate=True):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            assert handshake(version) == "TLSV1_ALERT_PROTOCOL_VERSION"
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            assert handshake(version) == ""


def test_without_a_certificate_there_is_plain_http(nginx: Nginx) -> None:
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"https://localhost:{TLS_PORT}/", verify=False)
    assert nginx.client().get("/healthz").status_code == 200


def test_a_certificate_is_taken_as_soon_as_it_is_there(nginx: Nginx) -> None:
    nginx.add_certificate()
    for _ in range(2):
        client = nginx.tls_client()
        assert client.get("/healthz").status_code == 200
        nginx.add_certificate()  # a renewed one; the old one is no longer believed
        client.close()


def test_plain_http_at_the_port_of_https_is_sent_on(server: Server) -> None:
    with running(server.port, certificate=True) as nginx:
        answer = nginx.client().get(f"http://localhost:{TLS_PORT}/msgs?q=x")
        assert answer.status_code == 308
        assert answer.headers["location"] == f"https://localhost:{TLS_PORT}/msgs?q=x"


def test_a_certificate_sends_everybody_on_to_https(nginx: Nginx) -> None:
    person, hosts = nginx.client(), {"board.test": "board.test", "a.test:8080": "a.test:8443"}
    assert person.get("/healthz").status_code == 200
    nginx.add_certificate()
    for host, target in hosts.items():
        answer = person.post("/api/login?x=y", headers={"Host": host})
        assert answer.status_code == 308
        assert answer.headers["location"] == f"https://{target}/api/login?x=y"
    assert person.get("/nginx-healthz").status_code == 200
    assert person.get("/.well-known/acme-challenge/x").status_code == 404
    assert nginx.tls_client().get("/healthz").status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.9", "127.0.0.10"], ids=["named", "unnamed"])
def test_behind_a_proxy_that_ended_tls_nobody_is_sent_in_a_circle(
    server: Server, address: str
) -> None:
    with running(server.port, trusted="127.0.0.9", certificate=True) as nginx:
        proxy = nginx.client(address)
        for ended in (
            {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"},
            {"X-Forwarded-Proto": "HTTPS, http"},
        ):
            assert proxy.get("/healthz", headers=ended).status_code == 200
        plain = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http"}
        assert proxy.get("/healthz", headers=plain).status_code == 308


def test_a_line_of_ones_own_keeps_plain_http_open(server: Server) -> None:
    with running(server.port, certificate=True, local='set $to_https "";\n') as nginx:
        assert nginx.client().get("/healthz").status_code == 200
        assert nginx.tls_client().get("/healthz").status_code == 200


def test_a_proxy_in_front_may_end_tls_itself(server: Server) -> None:
    with running(server.port, trusted="127.0.0.9") as nginx:
        proxy = nginx.client("127.0.0.9")
        headers = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
        headers |= {"Host": "board.example.org", "Origin": "https://board.example.org"}
        answer = proxy.post("/api/login", json=SIGN_IN, headers=headers)
        assert answer.headers["set-cookie"].startswith("__Host-board-session-")
        assert answer.headers["strict-transport-security"] == HSTS


def test_a_cookie_of_https_is_good_for_posting(server: Server) -> None:
    with running(server.port, certificate=True) as nginx:
        alice = nginx.tls_client()
        assert alice.post("/api/login", json=SIGN_IN).status_code == 200
        assert post(alice, "Secure")["text"] == "Secure"
