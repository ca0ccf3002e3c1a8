"""token: what programs send in place of a password."""

import click

from service.base import characters, clock
from service.commands.console import board_command
from service.commands.user import find


@click.group()
def token() -> None:
    """Make and revoke the tokens by which programs ask, people's and bots'."""


@token.command("add")
@click.argument("username")
@click.argument("name")
@click.option(
    "--scopes",
    default="read,post",
    show_default=True,
    help="Of read, post and moderate, with commas.",
)
@click.option("--days", default="90", show_default=True, help="For how long it works, 1-365.")
@board_command
def add_token(username: str, name: str, scopes: str, days: str) -> None:
    """Print a token for a program of a user's, called NAME; it is not told again."""
    from service.access.audit import OPERATOR
    from service.tokens import terms, tokens

    wanted = terms.read({"name": name, "scopes": scopes, "days": days})
    _, text = tokens.make(OPERATOR, find(username).id, wanted)
    click.echo(text)


@token.command("list")
@click.argument("username")
@board_command
def list_tokens(username: str) -> None:
    """List a user's tokens, a line each: number, beginning, state, scopes, end, last use, name."""
    from service.tokens import tokens

    for each in tokens.listed(find(username).id):
        used = f"{clock.utc(each.used_at)[:16]}Z" if each.used_at else "never"
        until = f"{clock.utc(each.expires_at)[:16]}Z"
        words = str(each.id), each.prefix, each.state, ",".join(each.scopes), until, used
        click.echo("\t".join(map(characters.printable, (*words, each.name))))


@token.command("revoke")
@click.argument("number", type=int)
@board_command
def revoke_token(number: int) -> None:
    """Let the token of that number work no more."""
    from service.access.audit import OPERATOR
    from service.base.errors import NotFound
    from service.tokens import tokens

    try:
        found = tokens.revoke(OPERATOR, number)
    except NotFound:
        raise click.ClickException(f"There is no token {number} that works.") from None
    click.echo(f"Token {number}, {found.prefix}…, is revoked.")
