"""down: everything but the volumes, or the volumes as well."""

import click
from pulumi.automation import Stack

from infra.commands import contexts, home, kind, leftovers, passphrase, retained, state, tools
from infra.commands.showing import shown, verbosity
from infra.commands.stack import has_passphrase, is_set, open_stack, plain_failures, settings

QUESTION = "Delete the volumes too, with all messages and all backups, for ever?"


@click.command()
@click.option("--stack", "name", default="board", show_default=True, help="Name of the deployment.")
@click.option(
    "--volumes/--keep-volumes", default=None, help="Answers the question about the volumes."
)
@verbosity
@click.option("--kind", "local", is_flag=True, help="Delete the cluster that `up --kind` made.")
def down(name: str, volumes: bool | None, local: bool) -> None:
    """Take the board down.

    Asks before it touches a volume. Kept volumes, and the passwords for them, are taken up again
    by the next `up`.
    """
    if local:
        _delete_cluster(volumes)
        return
    tools.need("pulumi")
    known = settings(name)
    if has_passphrase(name):
        passphrase.check(dev=is_set(known.get("dev")))
    stack = open_stack(name, {}, make=False)
    chosen = contexts.choose(known.get("context", ""))
    found = state.read(stack)
    home.find(name, chosen, known, found)
    if volumes is None:
        volumes = click.confirm(QUESTION)
    if not volumes and not is_set(known.get("protect", True)):
        raise click.ClickException(
            "In this stack protect is false, so its volumes can't be kept: nothing is done."
        )
    namespaces = found.namespaces
    with home.plain_refusals(chosen):
        left = retained.find(chosen, namespaces) if namespaces else []
    with leftovers.settled(stack, found, chosen), shown(stack) as show:
        show.progress.expect(found.objects)
        if volumes:
            _unprotect(stack)
        stack.destroy(exclude_protected=not volumes, **show.hooks)
    if not volumes:
        click.echo("The volumes are kept; `pdm run up` takes them up again.")
        return
    with plain_failures(name):
        stack.workspace.remove_stack(name, preserve_config=True)
    click.echo(retained.sentence(left, chosen))


def _delete_cluster(volumes: bool | None) -> None:
    if volumes is None:
        volumes = click.confirm(QUESTION)
    if not volumes:
        raise click.ClickException("The cluster and its volumes go together: nothing is done.")
    kind.down()


def _unprotect(stack: Stack) -> None:
    workspace = stack.workspace
    workspace.cli_api.state_unprotect(
        all=True,
        stack=stack.name,
        cwd=workspace.work_dir,
        additional_env=dict(workspace.env_vars),
    )
