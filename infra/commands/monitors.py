"""What watches the board, as far as commands have to know of it."""

from http import HTTPStatus

import click
from pulumi.automation import OutputMap

from infra.commands import home
from infra.commands.cluster import Cluster, NoAnswer
from infra.commands.stack import setting
from infra.settings.logs import SUFFIX
from infra.settings.monitoring import AFTER

# Settings with which there is another namespace, and what it has after the board's name.
BESIDE = (("monitoring", "own", AFTER), ("logs", "elasticsearch", SUFFIX))
OPERATORS = "apis/monitoring.coreos.com/v1"


def namespaces(stack: str) -> list[str]:
    """Return where a stack's pods are, the board's own namespace first."""
    board = setting(stack, "namespace")
    beside = [board + after for key, value, after in BESIDE if setting(stack, key) == value]
    return [board, *beside]


def find_operator(cluster: Cluster, stack: str, context: str) -> None:
    """Raise ClickException if an operator is wanted, and the cluster knows nothing of its kinds."""
    if setting(stack, "monitoring") != "operator":
        return
    with home.plain_refusals(context):
        if not _knows(cluster):
            raise click.ClickException(
                "monitoring is operator, and the cluster knows no PodMonitor: install a Prometheus "
                "operator first, or set monitoring to own or none."
            )


def tell(outputs: OutputMap) -> None:
    """Say how to look at it, if there is something to look at."""
    if "grafana" not in outputs:
        return
    how = outputs["grafana"].value
    click.echo(f"Grafana is at {how['url']} while this runs: {how['open']}")
    click.echo(f"Its user is admin, with the password that this prints: {how['password']}")


def _knows(cluster: Cluster) -> bool:
    try:
        cluster.get(OPERATORS)
    except NoAnswer as failure:
        if failure.status != HTTPStatus.NOT_FOUND:
            raise
        return False
    return True
