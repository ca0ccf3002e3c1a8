"""A cluster on this machine, with kind: from nothing to the board, and back."""

import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from infra.commands import ending, home, leftovers, monitors, passphrase, state, tools
from infra.commands.cluster import Cluster
from infra.commands.identity import identity
from infra.commands.program import FOLDER, counted
from infra.commands.showing import shown
from infra.commands.stack import NoStack, configure, open_stack, plain_failures, settings

CLUSTER = "board"
CONTEXT = f"kind-{CLUSTER}"
STACK = "kind"
NODE_PORT = 30080
IMAGE = "htmx-fastapi-service"
CHECKOUT = FOLDER.parent
KEPT_PASSPHRASE = CHECKOUT / "var" / "kind-passphrase"
# The board is seen from this machine alone.
CONFIG = {
    "kind": "Cluster",
    "apiVersion": "kind.x-k8s.io/v1alpha4",
    "nodes": [
        {
            "role": "control-plane",
            "extraPortMappings": [
                {
                    "containerPort": NODE_PORT,
                    "hostPort": NODE_PORT,
                    "listenAddress": "127.0.0.1",
                    "protocol": "TCP",
                }
            ],
        }
    ],
}


def up() -> None:
    """Make cluster and image, and deploy the board."""
    tools.need("docker", "kind", "kubectl", "pulumi")
    if not (CHECKOUT / "Dockerfile").exists():
        raise click.ClickException("There is no Dockerfile in this checkout to make the image of.")
    tools.ask("docker", "version", "--format", "{{.Server.Version}}")
    environ = passphrase.keep(KEPT_PASSPHRASE)
    fresh = _make_cluster()
    image = _make_image()
    tools.run("kind", "load", "docker-image", image, "--name", CLUSTER)
    with home.plain_refusals(CONTEXT):
        found = identity(CONTEXT)
    if fresh or settings(STACK).get("cluster", found) != found:
        _forget(environ)  # what was deployed to a cluster of this name went with it
    stack = open_stack(STACK, environ, make=True)
    configure(stack, context=CONTEXT, cluster=found, image=image, dev="true", protect="false")
    cluster = Cluster(CONTEXT)
    with (
        leftovers.settled(stack, state.read(stack), CONTEXT),
        shown(stack, watched=(cluster, monitors.namespaces(STACK))) as show,
    ):
        outputs = stack.up(program=counted(show.progress.expect), **show.hooks).outputs
    ending.tell(cluster, STACK, CONTEXT, outputs)


def down() -> None:
    """Delete the cluster and what is known of it."""
    tools.need("kind", "pulumi")
    tools.run("kind", "delete", "cluster", "--name", CLUSTER)
    _forget(passphrase.keep(KEPT_PASSPHRASE))


def _make_cluster() -> bool:
    """Return whether there was none yet."""
    if CLUSTER in tools.ask("kind", "get", "clusters").split():
        return False
    tools.run(
        *("kind", "create", "cluster", "--name", CLUSTER, "--config", "-"),
        given=json.dumps(CONFIG),
    )
    return True


def _make_image() -> str:
    """Return the image of this checkout, by a tag that changes when it does."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "id"
        # An attestation beside the image is more than `kind load` can always take.
        plain = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
        tools.run("docker", "build", "--iidfile", str(file), str(CHECKOUT), **plain)
        identity = file.read_text().strip()
    image = f"{IMAGE}:dev-{identity.removeprefix('sha256:')[:12]}"
    tools.run("docker", "tag", identity, image)
    return image


def _forget(environ: dict[str, str]) -> None:
    with suppress(NoStack):
        stack = open_stack(STACK, environ, make=False)
        with plain_failures(STACK):
            stack.workspace.remove_stack(STACK, force=True)
