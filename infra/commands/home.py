"""A stack belongs to a cluster: the one in which its first `up` made the board."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import click

from infra.commands.cluster import NoAnswer
from infra.commands.identity import another, identity, namespace_uid, unasked
from infra.commands.state import State


def find(name: str, context: str, known: dict[str, Any], found: State) -> str:
    """Return the identity of the stack's cluster; refuse a context that leads to another."""
    with plain_refusals(context):
        there = identity(context)
        at_home = known["cluster"] == there if known.get("cluster") else _is_in(found, context)
    if not at_home:
        raise click.ClickException(another(name, context))
    return there


def _is_in(found: State, context: str) -> bool:
    """Whether a stack that has not noted its cluster, because it is older, can be there."""
    namespace = found.namespace
    return not namespace or namespace_uid(context, namespace.name) == namespace.uid


@contextmanager
def plain_refusals(context: str) -> Generator[None]:
    """Let a command say why the cluster can't be asked."""
    try:
        yield
    except NoAnswer as failure:
        raise click.ClickException(unasked(context, failure)) from None
