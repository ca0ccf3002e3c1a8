"""The documentation at /docs: complete, and without help from elsewhere."""

import html
import re
from typing import Any

from starlette.testclient import TestClient

from service.base.addresses import OWN_PATHS
from tests.people import ONE_DATABASE, PAGE, Person

pytestmark = ONE_DATABASE
# Every address of the board; a new one belongs here and in the documentation.
ROUTES = {
    ("GET", "/"),
    ("GET", "/docs"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/msgs"),
    ("GET", "/msgs/search"),
    ("GET", "/msgs/matches"),
    ("GET", "/msgs/{message_id}/edit"),
    ("GET", "/msgs/{message_id}/deletion"),
    ("GET", "/account"),
    ("GET", "/confirm"),
    ("GET", "/account/export"),
    ("POST", "/api/account/export"),
    ("GET", "/account/deletion"),
    ("POST", "/api/account/deletion"),
    ("GET", "/account/deleted"),
    ("POST", "/api/confirm"),
    ("POST", "/api/login"),
    ("GET", "/api/logout"),
    ("POST", "/api/logout"),
    ("GET", "/api/messages"),
    ("POST", "/api/message"),
    ("POST", "/api/message/{message_id}/edit"),
    ("POST", "/api/message/{message_id}/deletion"),
    ("GET", "/api/events"),
    ("POST", "/api/account/timezone"),
    ("POST", "/api/account/password"),
    ("POST", "/api/account/sessions/end"),
    ("POST", "/api/account/sessions/{session_id}/end"),
}


def shown(page: str) -> set[tuple[str, str]]:
    found = re.findall(r"<h2[^>]*>.*?>([A-Z]+)</span> <code>([^<]+)</code></h2>", page)
    return {(method, html.unescape(path)) for method, path in found}


def described(app_client: TestClient) -> dict[str, Any]:
    return app_client.get("/openapi.json").json()


def test_every_route_is_documented(app_client: TestClient, visitor: Person) -> None:
    paths = described(app_client)["paths"]
    routes = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert routes == ROUTES
    # Below which no board may be: a proxy could not tell them apart.
    first = {f"/{path.split('/')[1]}" for _, path in routes} - {"/"}
    assert first | {"/static", "/openapi.json"} == set(OWN_PATHS)
    assert shown(visitor.get("/docs", headers=PAGE).text) == ROUTES


def test_every_route_there_is_answers(app_client: TestClient, visitor: Person) -> None:
    for method, path in ROUTES - {("GET", "/api/events")}:
        filled = path.replace("{message_id}", "1").replace("{session_id}", "0" * 32)
        assert visitor.request(method, filled).status_code not in {404, 405, 500}, path


def test_the_description_is_complete(app_client: TestClient) -> None:
    for path, methods in described(app_client)["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            for status, response in operation["responses"].items():
                assert re.fullmatch(r"[2-5]\d\d", status)
                assert response["description"], (path, status)


def test_members_and_visitors_read_it_without_any_other_address(
    alice: Person, visitor: Person
) -> None:
    for person in (alice, visitor):
        page = person.get("/docs", headers=PAGE).text
        assert "https://" not in page
        assert "//" not in " ".join(re.findall(r'(?:src|href|action)="([^"]*)"', page))
        assert "<script>" not in page
        assert "style=" not in page


def test_fields_and_limits_are_told(visitor: Person) -> None:
    page = html.unescape(visitor.get("/docs", headers=PAGE).text)
    for text in ("1-500 characters", "client_key", "Retry-After", "user_timezone", "Last-Event-ID"):
        assert text in page
