"""Lines of all pods, sent from every node to Elasticsearch."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.networking.v1 import NetworkPolicySpecArgsDict

from infra import edges, namespace, sizes
from infra.logs.filebeat import NAME as FILEBEAT
from infra.logs.filebeat import Filebeat
from infra.logs.trial import NAME as ELASTICSEARCH
from infra.logs.trial import PORT, Trial
from infra.settings import Settings


class Logs(pulumi.ComponentResource):
    """A namespace of its own: nothing else may read the nodes' files.

    Nothing here is protected: what is kept here is a copy.
    """

    def __init__(self, settings: Settings, opts: pulumi.ResourceOptions) -> None:
        super().__init__("board:infra:Logs", "logs", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # No level but this one lets a pod mount a folder of its node. The trial's Elasticsearch
        # meets `restricted` all the same; a third namespace for a trial would not pay.
        inside = namespace.make(
            settings.logs_namespace, sizes.LOGS, self, protect=False, level="privileged"
        )
        _let_talk(settings, inside, self)
        if settings.elasticsearch_url:
            key = pulumi.Output.secret(settings.elasticsearch_api_key)
            output: Mapping[str, pulumi.Input[str]] = {"api_key": key}
        else:
            output = Trial(settings, inside, child).output
        Filebeat(settings, inside, output, child)
        self.register_outputs({})


def _let_talk(settings: Settings, inside: pulumi.Output[str], parent: pulumi.Resource) -> None:
    filebeat, ours = edges.those(FILEBEAT), edges.those(ELASTICSEARCH)
    if settings.elasticsearch_url:
        out = edges.in_networks(
            settings.elasticsearch_networks, {"ports": edges.ports(settings.elasticsearch_port)}
        )
    else:
        out = edges.to(ours, PORT)
    policies: dict[str, NetworkPolicySpecArgsDict] = {
        FILEBEAT: {"pod_selector": filebeat, "egress": [edges.dns(settings), out]}
    }
    if not settings.elasticsearch_url:
        policies[ELASTICSEARCH] = {
            "pod_selector": ours,
            "ingress": [edges.by(filebeat, PORT)],
        }
    edges.make(policies, inside, parent)
