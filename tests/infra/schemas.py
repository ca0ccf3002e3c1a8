"""Strict validation against the schemas of the Kubernetes releases we promise to run on."""

import json
from functools import cache
from typing import Any

import kubernetes_validate
from kubernetes_validate import utils

RELEASES = ("1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
# Every field of the objects that Kubernetes itself has no schema for, as their own CRDs have them.
CUSTOM: dict[str, set[str]] = {
    "postgresql.cnpg.io/v1/Cluster": {
        *("spec.instances", "spec.imageName", "spec.storage.size", "spec.storage.storageClass"),
        *("spec.resources.requests.cpu", "spec.resources.requests.memory"),
        *("spec.resources.limits.cpu", "spec.resources.limits.memory"),
        "spec.postgresql.parameters.max_connections",
        "spec.imagePullSecrets.name",
        *("spec.bootstrap.initdb.database", "spec.bootstrap.initdb.owner"),
        *("spec.bootstrap.initdb.secret.name", "spec.bootstrap.initdb.encoding"),
        *("spec.bootstrap.initdb.localeProvider", "spec.bootstrap.initdb.builtinLocale"),
    },
    # By the CRDs of prometheus-operator 0.93.
    "monitoring.coreos.com/v1/PodMonitor": {
        *(f"spec.selector.matchLabels.app.kubernetes.io/{each}" for each in ("name", "component")),
        *(f"spec.podMetricsEndpoints.{each}" for each in ("port", "interval")),
        *(
            f"spec.podMetricsEndpoints.relabelings.{each}"
            for each in ("sourceLabels", "targetLabel", "replacement")
        ),
    },
    "monitoring.coreos.com/v1/PrometheusRule": {
        "spec.groups.name",
        *(f"spec.groups.rules.{each}" for each in ("alert", "expr", "for", "labels.severity")),
        *(
            f"spec.groups.rules.annotations.{each}"
            for each in ("summary", "description", "runbook")
        ),
    },
    "gateway.networking.k8s.io/v1/HTTPRoute": {
        *("spec.parentRefs.name", "spec.parentRefs.namespace", "spec.hostnames"),
        *("spec.rules.matches.path.type", "spec.rules.matches.path.value"),
        *("spec.rules.backendRefs.name", "spec.rules.backendRefs.port"),
        *("spec.rules.timeouts.request", "spec.rules.timeouts.backendRequest"),
    },
}
# Reading the definitions of one release takes longer than validating with them.
vars(utils)["schema_contents"] = cache(utils.schema_contents)


def faults(item: dict[str, Any], release: str) -> list[str]:
    """Return what is wrong with an object by the release's schema, or our list of its fields."""
    kind = f"{item['apiVersion']}/{item['kind']}"
    if kind in CUSTOM:
        unknown = set(_fields(item.get("spec", {}), "spec")) - CUSTOM[kind]
        unknown |= set(item) - {"apiVersion", "kind", "metadata", "spec"}
        metadata = {"name", "namespace", "labels", "annotations"}
        unknown |= set(item.get("metadata", {})) - metadata
        return [f"{kind} has no field {name}" for name in sorted(unknown)]
    return _validated(json.dumps(item, sort_keys=True), release)


@cache
def _validated(text: str, release: str) -> list[str]:
    try:
        kubernetes_validate.validate(json.loads(text), release, strict=True)
    except kubernetes_validate.ValidationError as fault:
        return [f"{'.'.join(map(str, fault.path))}: {fault.message}"]
    except kubernetes_validate.SchemaNotFoundError as fault:
        return [fault.message]
    return []


def _fields(value: Any, path: str) -> list[str]:
    if isinstance(value, dict):
        return [name for key, each in value.items() for name in _fields(each, f"{path}.{key}")]
    if isinstance(value, list):
        return [name for each in value for name in _fields(each, path)]
    return [path]
