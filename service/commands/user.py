"""user: the people who may sign in."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from service.base import characters, config
from service.commands import console
from service.commands.console import plain_errors

if TYPE_CHECKING:
    from service.accounts.accounts import Account


@click.group()
def user() -> None:
    """Add and look after the people who may sign in."""


def _user_command(command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    @plain_errors
    def run(**kwargs: Any) -> None:
        console.prepare(config.read_database_url(os.environ))
        command(**kwargs)

    return run


@user.command("add")
@click.argument("username")
@_user_command
def add_user(username: str) -> None:
    """Add a user; the password is asked for, or read from standard input."""
    from service.accounts import accounts

    account = accounts.add(username, _read_password(), config.read_board_name(os.environ))
    console.note("user added", username=account.username)
    click.echo(f"Added {account.username}.")


@user.command("list")
@_user_command
def list_users() -> None:
    """List all users, a line each."""
    from service.accounts import accounts

    for account in accounts.everyone():
        name = characters.printable(account.username)
        click.echo(f"{name}\tdisabled" if account.disabled else name)


@user.command("password")
@click.argument("username")
@_user_command
def set_password(username: str) -> None:
    """Set a user's password, asked for or read from standard input, and end their sessions."""
    from service.accounts import accounts

    account = _find(username)
    accounts.reset_password(account.id, _read_password(), config.read_board_name(os.environ))
    console.note("password set", username=account.username)
    click.echo(f"The password of {account.username} is set; their sessions are ended.")


@user.command("link")
@click.argument("username")
@_user_command
def make_link(username: str) -> None:
    """Print a link with which a user sets a new password: once, within a day."""
    from service.access import audit
    from service.links import links
    from service.resets import resets

    made = resets.make(audit.OPERATOR, _find(username).id)
    console.note("reset.made", username=made.username)
    url = config.read_public_url(os.environ)
    if not url:
        click.echo("PUBLIC_URL is not set: put the board's address before this.", err=True)
    click.echo(links.address(url, resets.PATH, made.code))


@user.command("disable")
@click.argument("username")
@_user_command
def disable_user(username: str) -> None:
    """Keep a user from signing in and end their sessions."""
    from service.accounts import accounts

    account = _find(username)
    accounts.disable(account.id)
    console.note("user disabled", username=account.username)
    click.echo(f"Disabled {account.username}.")


@user.command("enable")
@click.argument("username")
@_user_command
def enable_user(username: str) -> None:
    """Let a disabled user sign in again."""
    from service.accounts import accounts

    account = _find(username)
    accounts.enable(account.id)
    console.note("user enabled", username=account.username)
    click.echo(f"Enabled {account.username}.")


def _find(username: str) -> "Account":
    from service.accounts import accounts

    account = accounts.find(username)
    if account is None:
        raise click.ClickException(f"There is no user named {username}.")
    return account


def _read_password() -> str:
    """Return a password that was typed twice, or the first line of standard input."""
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().rstrip("\r\n")
