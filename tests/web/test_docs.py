"""The documentation at /docs: complete, and without help from elsewhere."""

import html
import re
from typing import Any

from starlette.testclient import TestClient

from service.access.roles import SCOPE_OF
from service.base.addresses import OWN_PATHS
from tests.access.rows import ROWS
from tests.people import ONE_DATABASE, PAGE, Person

pytestmark = ONE_DATABASE
# The stream has no end: tests ask for its head alone.
ROUTES = {
    ("GET", path) if path == "/api/events" else (method, path)
    for method, path in (route.split(" ") for route in ROWS)
}


def shown(page: str) -> set[tuple[str, str]]:
    found = re.findall(r"<h3[^>]*>.*?>([A-Z]+)</span> <code>([^<]+)</code></h3>", page)
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


def test_the_description_is_complete(app_client: TestClient) -> None:
    for path, methods in described(app_client)["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            for status, response in operation["responses"].items():
                assert re.fullmatch(r"[2-5]\d\d", status)
                assert response["description"], (path, status)


def takes(operation: dict[str, Any]) -> set[str]:
    """Return what an operation takes as a proof: a session, and tokens by their scopes."""
    asked = operation.get("security", [])
    return {scope for each in asked for scopes in each.values() for scope in scopes or ["session"]}


def test_it_says_of_each_address_which_proof_will_do(app_client: TestClient) -> None:
    found = described(app_client)
    assert found["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for route, row in ROWS.items():
        method, path = route.replace("HEAD", "GET").split(" ")
        allowed = {SCOPE_OF[each] for each in (row.action, row.others) if each in SCOPE_OF}
        wanted = {"session", *allowed} if row.action else set()
        assert takes(found["paths"][path][method.lower()]) == wanted, route


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
    for text in (
        "1-4000 characters",
        "client_key",
        "Retry-After",
        "user_timezone",
        "Last-Event-ID",
    ):
        assert text in page


def test_it_is_sorted_by_noun_with_a_line_for_a_shell(visitor: Person) -> None:
    page = html.unescape(visitor.get("/docs", headers=PAGE).text)
    contents = re.findall(r'href="#(\w+)"><span class="strong">(\w+)</span>', page)
    assert "messages" in [noun for noun, _ in contents]
    assert [noun for noun, _ in contents][-2:] == ["watch", "web"]  # what fewest look for
    assert [title.lower() for _, title in contents] == [noun for noun, _ in contents]
    assert all(f'<h2 id="{noun}"' in page for noun, _ in contents)
    assert len(re.findall(r"<code>curl [^\n]*</code></pre>", page)) == len(ROUTES)
    token = '-H "Authorization: Bearer $TOKEN"'
    for line in (
        f"""curl {token} --data-urlencode 'message=…' "$BOARD/api/message\"""",
        f"""curl {token} "$BOARD/api/messages\"""",
        """curl -H 'Accept: application/json' "$BOARD/healthz\"""",
        "curl -b jar -H 'Accept: application/json' --data-urlencode 'user_timezone=…' "
        '"$BOARD/api/account/timezone"',
    ):
        assert line in page
