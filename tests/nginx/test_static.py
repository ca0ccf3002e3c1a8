"""Static files and compression: once, by whoever does it first."""

import gzip
import socket

import httpx2

from service.base.assets import A_YEAR, Assets, folder
from tests.nginx import upstreams
from tests.nginx.proxy import Nginx, running, style_url
from tests.people import HTMX, PAGE, Person, post
from tests.servers import Server

ZIPPED, PLAIN = {"Accept-Encoding": "gzip, deflate, br"}, {"Accept-Encoding": "identity"}
STYLE = folder("static") / "css" / "style.css"


def received(person: Person, path: str, headers: dict[str, str]) -> tuple[httpx2.Response, bytes]:
    """Return an answer and its body as it came."""
    with person.stream("GET", path, headers=headers) as answer:
        return answer, b"".join(answer.iter_raw())


def test_browsers_and_the_proxy_keep_a_file_for_a_year(nginx: Nginx, visitor: Person) -> None:
    kinds = []
    for _ in range(2):
        answer, body = received(visitor, style_url(), PLAIN)
        assert (answer.status_code, body) == (200, STYLE.read_bytes())
        assert answer.headers["cache-control"] == f"public, max-age={A_YEAR}, immutable"
        kinds.append(answer.headers["x-cache"])
    assert kinds == ["MISS", "HIT"]
    assert nginx.logged(answer.headers["x-request-id"])["nginx.upstream.address"] == ""


def test_a_file_is_kept_as_it_is_and_compressed(visitor: Person) -> None:
    for headers, kind in ((ZIPPED, "MISS"), (PLAIN, "MISS"), (ZIPPED, "HIT"), (PLAIN, "HIT")):
        answer, body = received(visitor, style_url(), headers)
        assert answer.headers["x-cache"] == kind
        assert answer.headers["vary"] == "Accept-Encoding"
        assert ("content-encoding" in answer.headers) == (headers is ZIPPED)
        assert (gzip.decompress(body) if headers is ZIPPED else body) == STYLE.read_bytes()


def test_a_query_makes_no_other_file_of_it(visitor: Person) -> None:
    kinds = [visitor.get(f"{style_url()}?{number}").headers["x-cache"] for number in range(3)]
    assert kinds == ["MISS", "HIT", "HIT"]


def test_a_plain_name_is_asked_for_anew_each_time(visitor: Person) -> None:
    first, second = (visitor.get("/static/css/style.css") for _ in range(2))
    for answer in (first, second):
        assert answer.headers["cache-control"] == "no-cache"
        assert "x-cache" not in answer.headers
    unchanged = {"If-None-Match": first.headers["etag"]}
    assert visitor.get("/static/css/style.css", headers=unchanged).status_code == 304


def test_only_static_files_are_kept_by_the_proxy(alice: Person) -> None:
    for path in ("/msgs", "/api/messages", style_url().replace(".css", "x.css")):
        answers = [alice.get(path) for _ in range(2)]
        assert [answer.headers.get("x-cache") for answer in answers] in ([None] * 2, ["MISS"] * 2)


def test_a_file_that_one_release_lacks_comes_from_the_other(server: Server) -> None:
    def lack(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    with upstreams.upstream(lack) as older, running(older.port, server.port) as nginx:
        visitor = nginx.client()
        script = Assets(folder("static")).url("js/web/main.js")
        for path in (style_url(), script, "/static/js/web/main.js"):
            assert visitor.get(path).status_code == 200
        assert visitor.get("/static/none.js").status_code == 404
        assert older.requests
        assert {visitor.get("/nowhere").status_code for _ in range(4)} == {404}


def test_what_the_board_left_as_it_is_nginx_compresses(alice: Person) -> None:
    long = "Hello " * 80  # as much as a message can have; from 1,000 bytes on the board does it
    message = post(alice, long)
    answer, body = received(alice, f"/msgs/{message['id']}/deletion", HTMX | ZIPPED)
    assert answer.headers.get_list("content-encoding") == ["gzip"]
    assert answer.headers.get_list("vary") == ["Accept-Encoding"]
    assert gzip.decompress(body).lstrip().startswith(b"<form")


def test_what_the_board_has_compressed_nginx_leaves_as_it_is(alice: Person) -> None:
    answer, body = received(alice, "/msgs", {**ZIPPED, **PAGE})
    assert answer.headers.get_list("content-encoding") == ["gzip"]
    assert answer.headers.get_list("vary") == ["Accept-Encoding"]
    assert gzip.decompress(body).startswith(b"<!doctype html>")
