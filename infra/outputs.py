"""What is told at the end of an `up`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.settings import Settings

PROGRAM = "/app/htmx-fastapi-service"  # the entry point of the board's image


def how_to_get_the_setup_code(settings: Settings) -> str:
    """Return the command that prints the code with which the first admin is made, if one is."""
    if not settings.password_sign_in:
        return ""
    context = f"--context {settings.context} " if settings.context else ""
    where = f"{context}-n {settings.namespace}"
    return f"kubectl {where} exec deploy/web -- {PROGRAM} setup-code"
