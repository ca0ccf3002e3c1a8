"""bot: users that are no persons, for programs."""

import click

from service.base import characters
from service.commands import console
from service.commands.console import board_command
from service.commands.user import find


@click.group()
def bot() -> None:
    """Make and look after bots: users without a password, each somebody's."""


@bot.command("add")
@click.argument("username")
@click.option("--owner", required=True, help="who answers for it: somebody who can sign in")
@click.option("--shown-as", default="", help="the name that others see, if not the username")
@board_command
def add_bot(username: str, owner: str, shown_as: str) -> None:
    """Make a bot; `token add` makes what a program sends."""
    from service.access.audit import OPERATOR
    from service.bots import bots

    made = bots.add(OPERATOR, username, owner, shown_as, console.board_name())
    click.echo(f"Added {made.username}, a bot of {find(owner).username}.")


@bot.command("list")
@board_command
def list_bots() -> None:
    """List all bots, a line each: the name, the owner, and whether it works."""
    from service.bots import bots, shown

    for each in bots.listed():
        owner = each.owner.username if each.owner else "nobody"
        words = each.account.username, owner, shown.condition(each)
        click.echo("\t".join(map(characters.printable, words)))


@bot.command("owner")
@click.argument("username")
@click.argument("owner")
@board_command
def give_bot(username: str, owner: str) -> None:
    """Give a bot to another owner, without its tokens: whoever had it may have kept them."""
    from service.access.audit import OPERATOR
    from service.bots import bots

    account = find(username)
    if account.role != "bot":
        raise click.ClickException(f"{account.username} is no bot.")
    bots.change(OPERATOR, account.id, owner, account.display_name or "", console.board_name())
    click.echo(f"{account.username} is a bot of {find(owner).username} now.")
