"""Where nginx slows guesses down: at every address where something can be guessed."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

from service.registry import MODULES
from tests.access.rows import ROWS
from tests.nginx.proxy import FOLDER

SLOWED = re.compile(r'location ~ "([^"]+)" \{\s+limit_req zone=login ')
SECRETS = {"password", "current_password", "code", "credential"}  # fields that say who one is
# A stranger guesses nothing there: one has no field, the other takes what a provider has signed.
HARMLESS = {"/api/logout", "/oidc/{provider}/logout"}


def routes() -> Iterator[tuple[str, set[str]]]:
    """Yield where something is sent to, and the fields of that."""
    for module in MODULES:
        for route in module.router.routes:
            if isinstance(route, APIRoute) and "POST" in (route.methods or ()):
                yield route.path, set(_properties(route.openapi_extra or {}))


def _properties(found: Any) -> Iterator[str]:
    content = found.get("requestBody", {}).get("content", {})
    for form in content.values():
        yield from form["schema"].get("properties", {})


def test_every_address_where_something_can_be_guessed_is_slowed_down() -> None:
    (pattern,) = SLOWED.findall((FOLDER / "nginx.conf").read_text())
    for path, fields in routes():
        row = ROWS[f"POST {path}"]
        guessed = path not in HARMLESS and (row.action is None or bool(fields & SECRETS))
        found = bool(re.search(pattern, path))
        assert found == guessed, f"{path}: mend the location with zone=login in nginx/nginx.conf"
