"""invite: links by which others join."""

import os

import click

from service.base import characters, clock, config
from service.commands import console
from service.commands.console import plain_errors


@click.group(invoke_without_command=True)
@click.option(
    "--role", default="member", show_default=True, help="member, guest, moderator or admin."
)
@click.option("--uses", default="1", show_default=True, help="How many can join by it, 1-1000.")
@click.option("--days", default="7", show_default=True, help="For how long it works, 1-365.")
@click.option("--note", default="", help="What it is for, for its list.")
@click.pass_context
@plain_errors
def invite(context: click.Context, role: str, uses: str, days: str, note: str) -> None:
    """Print a link by which somebody joins; it is not told again."""
    console.prepare(config.read_database_url(os.environ))
    if context.invoked_subcommand:
        return
    from service.access import audit
    from service.joining import invites, terms
    from service.links import links

    wanted = terms.read({"role": role, "uses": uses, "days": days, "note": note})
    _, code = invites.make(None, audit.OPERATOR, wanted)
    public_url = config.read_public_url(os.environ)
    if not public_url:
        click.echo("PUBLIC_URL is not set: put the board's own address before this.", err=True)
    click.echo(links.address(public_url, invites.PATH, code))


@invite.command("list")
@plain_errors
def list_invites() -> None:
    """List the open invitations, a line each: number, role, uses left, end, maker, note."""
    from service.joining import invites

    for each in invites.open_ones(None):
        left, until = f"{each.left} of {each.uses}", clock.utc(each.expires_at)
        words = each.role, left, until[:16] + "Z", each.maker, each.note
        dead = () if each.works else ("does not work: its maker may not invite so",)
        told = (str(each.id), *words, *dead)
        click.echo("\t".join(map(characters.printable, told)).rstrip())


@invite.command("revoke")
@click.argument("number", type=int)
@plain_errors
def revoke_invite(number: int) -> None:
    """Take the invitation of that number back."""
    from service.access import audit
    from service.base.errors import NotFound
    from service.joining import invites

    try:
        invites.revoke(None, audit.OPERATOR, number)
    except NotFound:
        raise click.ClickException(f"No invitation {number} is open.") from None
    click.echo(f"Invitation {number} is taken back.")
