"""user: the people who may sign in."""

import os
import sys
from collections import deque
from typing import TYPE_CHECKING

import click

from service.access import roles
from service.base import characters, config
from service.commands import console
from service.commands.console import board_command

if TYPE_CHECKING:
    from service.accounts.accounts import Account
    from service.people.people import Texts

ROLE = click.Choice([role for role in roles.ROLES if role in roles.PEOPLE])

NO_PASSWORDS = (
    "PASSWORD_SIGN_IN is no, so nobody sets a password by a link: `identity` prints one to sign in "
    "through a provider."
)


@click.group()
def user() -> None:
    """Add and look after the people who may sign in."""


@user.command("add")
@click.argument("username")
@click.option("--role", type=ROLE, help="admin for the first user of a board, else member")
@board_command
def add_user(username: str, role: roles.Role | None) -> None:
    """Add a user; the password is asked for, or read from standard input."""
    from service.access.audit import OPERATOR
    from service.people import people

    board = console.board_name()
    account = people.add(OPERATOR, username, _read_password(), board, role)
    click.echo(f"Added {account.username}, {_in_words(account.role)}.")


@user.command("list")
@board_command
def list_users() -> None:
    """List all users, a line each: the name, the role, and whether they can sign in."""
    from service.accounts import accounts

    for account in accounts.everyone():
        if not account.deleted:
            name = characters.printable(account.username)
            click.echo(f"{name}\t{account.role}\t{account.state}")


@user.command("role")
@click.argument("username")
@click.argument("role", type=ROLE)
@board_command
def set_role(username: str, role: str) -> None:
    """Give a user a role; while the board serves, too."""
    from service.access.audit import OPERATOR
    from service.people import people

    account = people.set_role(OPERATOR, find(username).id, role)
    click.echo(f"{account.username} is {_in_words(account.role)} now.")


@user.command("password")
@click.argument("username")
@board_command
def set_password(username: str) -> None:
    """Set a user's password, asked for or read from standard input, and end their sessions."""
    from service.accounts import accounts

    account = find(username)
    accounts.reset_password(account.id, _read_password(), console.board_name())
    click.echo(f"The password of {account.username} is set; their sessions are ended.")


@user.command("link")
@click.argument("username")
@board_command
def make_link(username: str) -> None:
    """Print a link with which a user sets a new password: once, within a day."""
    from service.access.audit import OPERATOR
    from service.links import links
    from service.resets import resets

    if not config.read_password_sign_in(os.environ):
        raise click.ClickException(NO_PASSWORDS)
    made = resets.make(OPERATOR, find(username).id)
    url = config.read_public_url(os.environ)
    if not url:
        click.echo("PUBLIC_URL is not set: put the board's address before this.", err=True)
    click.echo(links.address(url, resets.PATH, made.code))


@user.command("reset-second")
@click.argument("username")
@board_command
def reset_second(username: str) -> None:
    """Take away a user's second factor, for whoever has lost it, and end their sessions."""
    from service.access.audit import OPERATOR
    from service.people import people

    account = find(username)
    people.reset_second(OPERATOR, account.id)
    click.echo(f"The second factor of {account.username} is reset; their sessions are ended.")


@user.command("identity")
@click.argument("username")
@board_command
def offer_identity(username: str) -> None:
    """Print a link that links a user's account with one at a provider: once, within a day."""
    from service.access.audit import OPERATOR
    from service.links import links
    from service.oidc import offering

    settings = config.read_settings(os.environ)
    if not settings.providers:
        raise click.ClickException("No provider is named: OIDC_<NAME>_ISSUER is not set.")
    made = offering.make(OPERATOR, find(username).id)
    click.echo(links.address(settings.public_url, offering.PATH, made.code))


@user.command("disable")
@click.argument("username")
@board_command
def disable_user(username: str) -> None:
    """Keep a user from signing in and end their sessions."""
    from service.access.audit import OPERATOR
    from service.people import people

    account = find(username)
    people.disable(OPERATOR, account.id)
    click.echo(f"Disabled {account.username}.")


@user.command("enable")
@click.argument("username")
@board_command
def enable_user(username: str) -> None:
    """Let a disabled user sign in again, or let in one who has registered."""
    from service.access.audit import OPERATOR
    from service.people import people

    account = find(username)
    people.enable(OPERATOR, account.id)
    click.echo(f"Enabled {account.username}.")


@user.command("delete")
@click.argument("username")
@click.option(
    "--texts",
    type=click.Choice(["keep", "empty"]),
    default="keep",
    help="what becomes of what they wrote  [default keep]",
)
@click.option("--yes", is_flag=True, help="do not ask")
@board_command
def delete_user(username: str, texts: "Texts", yes: bool) -> None:
    """Delete a user for good: their name, their address, their sessions, and texts if wished."""
    from service.access.audit import OPERATOR
    from service.people import forgetting, people

    account = find(username)
    what = "their messages stay" if texts == "keep" else "all their messages are emptied"
    if not yes:
        click.confirm(f"Delete {account.username} for good; {what}?", abort=True)
    people.delete(OPERATOR, account.id, texts)
    deque(forgetting.batches(), maxlen=0)
    click.echo(f"Deleted {account.username}; {what}, under the name deleted-{account.id}.")


def find(username: str) -> "Account":
    from service.accounts import accounts

    account = accounts.find(username)
    if account is None:
        raise click.ClickException(f"There is no user named {username}.")
    return account


def _in_words(role: str) -> str:
    return "an admin" if role == "admin" else f"a {role}"


def _read_password() -> str:
    """Return a password that was typed twice, or the first line of standard input."""
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().rstrip("\r\n")
