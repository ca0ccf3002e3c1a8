"""up: the whole deployment, on a cluster there is or on one made on this machine."""

import click
from pulumi.automation import Stack

from infra.commands import (
    contexts,
    ending,
    home,
    kind,
    leftovers,
    monitors,
    passphrase,
    state,
    tools,
)
from infra.commands.cluster import Cluster
from infra.commands.program import counted
from infra.commands.showing import shown, verbosity
from infra.commands.stack import (
    configure,
    has_passphrase,
    is_set,
    open_stack,
    settings,
)


@click.command()
@click.option("--stack", "name", default="board", show_default=True, help="Name of the deployment.")
@click.option("--image", help="The board's image with its tag; kept for the next time.")
@click.option("--context", help="The kubeconfig's context; the current one is kept the first time.")
@click.option("--dev", is_flag=True, help="A cluster to try things on: fewer refusals; kept.")
@click.option("--preview", is_flag=True, help="Only show what would be done.")
@verbosity
@click.option("--kind", "local", is_flag=True, help="Make image and cluster here, with kind.")
def up(
    name: str, image: str | None, context: str | None, dev: bool, preview: bool, local: bool
) -> None:
    """Deploy the board, or bring what is deployed up to date.

    Needs the pulumi command and no account: the state is in ~/.pulumi, its secrets encrypted with
    PULUMI_CONFIG_PASSPHRASE. All settings are in infra/Pulumi.yaml; change one in infra/ with
    `pulumi config set`, after `pulumi login --local` and `pulumi stack select`.
    """
    if local:
        if image or context or preview:
            raise click.UsageError("--kind makes image and cluster by itself, and has no preview.")
        kind.up()
        return
    tools.need("pulumi")
    known = settings(name)
    if not image and not known.get("image"):
        raise click.ClickException("No image is set: name one with --image IMAGE:TAG.")
    if has_passphrase(name):
        passphrase.check(dev=dev or is_set(known.get("dev")))
    # Kept, so that the next `up` goes to the same cluster whatever is current then.
    chosen = contexts.choose(context or known.get("context", ""))
    stack = open_stack(name, {}, make=True)
    found = state.read(stack)
    given = {
        "context": chosen,
        "cluster": home.find(name, chosen, known, found),
        "image": image or "",
        "dev": "true" if dev else "",
    }
    configure(stack, **{key: value for key, value in given.items() if value})
    if preview:
        with shown(stack, planning=True) as show:
            stack.preview(**show.hooks)
    else:
        _deploy(stack, found, chosen)


def _deploy(stack: Stack, found: state.State, context: str) -> None:
    cluster = Cluster(context)
    monitors.find_operator(cluster, stack.name, context)
    with (
        leftovers.settled(stack, found, context),
        shown(stack, watched=(cluster, monitors.namespaces(stack.name))) as show,
    ):
        outputs = stack.up(program=counted(show.progress.expect), **show.hooks).outputs
    ending.tell(cluster, stack.name, context, outputs)
