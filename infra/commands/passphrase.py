"""The passphrase that encrypts the secrets in a stack's state."""

import os
import secrets
from functools import partial
from pathlib import Path

import click

NAME = "PULUMI_CONFIG_PASSPHRASE"
FILE = f"{NAME}_FILE"


def check(*, dev: bool) -> None:
    """Refuse a passphrase that is missing, and one that protects nothing."""
    if NAME not in os.environ and FILE not in os.environ:
        raise click.ClickException(
            f"{NAME} is not set: choose the passphrase that encrypts the secrets in the stack's "
            f"state, keep it, and export it, or name a file with it in {FILE}."
        )
    if not _given() and not dev:
        raise click.ClickException(
            f"{NAME} is empty, so anybody could read the secrets in the stack's state; "
            "that is for a stack with dev set."
        )


def _given() -> str:
    if value := os.environ.get(NAME):
        return value
    if not (file := os.environ.get(FILE)):
        return ""
    try:
        return Path(file).read_text().strip()
    except OSError as failure:
        raise click.ClickException(f"{FILE}: {failure.strerror}: {file}") from None


def keep(file: Path) -> dict[str, str]:
    """Return the environment for a stack to try things on: its passphrase is made, and kept."""
    if NAME in os.environ or FILE in os.environ:
        return {}
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        with open(file, "x", opener=partial(os.open, mode=0o600)) as new:
            new.write(secrets.token_urlsafe(32))
    return {FILE: str(file.absolute())}
