"""Which cluster a context leads to, whatever the context is called."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

import pulumi

from infra.commands.cluster import Cluster, NoAnswer

if TYPE_CHECKING:
    from infra.settings import Settings

NAMESPACES = "api/v1/namespaces"
KEPT_AS_LONG_AS_THE_CLUSTER = "kube-system"
REFUSALS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


def identity(context: str) -> str:
    """Return what tells this cluster from all others; raise NoAnswer."""
    return namespace_uid(context, KEPT_AS_LONG_AS_THE_CLUSTER)


def namespace_uid(context: str, name: str) -> str:
    """Return the uid of a namespace, "" if there is none; raise NoAnswer."""
    try:
        return json.loads(Cluster(context).get(f"{NAMESPACES}/{name}"))["metadata"]["uid"]
    except NoAnswer as failure:
        if failure.status == HTTPStatus.NOT_FOUND:
            return ""
        raise


def stay_home(settings: Settings, stack: str) -> None:
    """Refuse a context that leads to another cluster than the one this stack was made in."""
    if not (settings.cluster and settings.context):
        return
    try:
        found = identity(settings.context)
    except NoAnswer as failure:
        raise pulumi.RunError(unasked(settings.context, failure)) from None
    if found != settings.cluster:
        raise pulumi.RunError(another(stack, settings.context))


def another(stack: str, context: str) -> str:
    """Return why nothing is done where a stack does not belong."""
    return (
        f"Context {context} leads to another cluster than the one that stack {stack} is in, so "
        "nothing is done. Another cluster wants a stack of its own: --stack NAME."
    )


def unasked(context: str, failure: NoAnswer) -> str:
    """Return why nobody knows which cluster it is, in a sentence."""
    if failure.status in REFUSALS:
        return f"The cluster of context {context} does not let you in: {failure}."
    if "CERTIFICATE_VERIFY_FAILED" in str(failure):
        return f"The cluster of context {context} has another certificate than the kubeconfig says."
    return "The cluster does not answer; is it running?"
