"""The last lines of an `up`: whether the board serves, where it is, how its first admin is made."""

from http import HTTPStatus

import click
from pulumi.automation import OutputMap

from infra.commands import addresses, monitors, serving
from infra.commands.cluster import Cluster, NoAnswer
from infra.commands.stack import setting


def tell(cluster: Cluster, stack: str, context: str, outputs: OutputMap) -> None:
    """Say where the board is; raise ClickException with what does not serve."""
    namespace = outputs["namespace"].value
    if doubts := serving.doubts(cluster, namespace, click.echo):
        raise click.ClickException("\n".join(doubts))
    for secret in (setting(stack, "tlsSecret"), setting(stack, "ingressTlsSecret")):
        if secret and _lacks(cluster, namespace, secret):
            click.echo(
                f"Secret {secret} is not there yet: there is no HTTPS until it is in "
                f"namespace {namespace}, and nothing else is to be done then."
            )
    click.echo(addresses.where(cluster, _way(stack, context, outputs)))
    if command := outputs["setupCode"].value:
        click.echo(f"A new board asks for the code that this prints: {command}")
    monitors.tell(outputs)


def _lacks(cluster: Cluster, namespace: str, secret: str) -> bool:
    try:
        cluster.get(f"api/v1/namespaces/{namespace}/secrets/{secret}")
    except NoAnswer as failure:
        return failure.status == HTTPStatus.NOT_FOUND
    return False


def _way(stack: str, context: str, outputs: OutputMap) -> addresses.Way:
    tls = bool(setting(stack, "tlsSecret"))
    return addresses.Way(
        context=context,
        namespace=outputs["namespace"].value,
        url=outputs["url"].value,
        host=setting(stack, "host"),
        path=setting(stack, "path"),
        gateway=setting(stack, "gateway"),
        gateway_namespace=setting(stack, "gatewayNamespace"),
        node_port=int(setting(stack, "nodePortTls" if tls else "nodePort")),
    )
