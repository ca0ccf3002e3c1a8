"""How Elasticsearch keeps the lines: which fields it knows, and for how long."""

from typing import Any

# By their names in the Elastic Common Schema. What is not here is kept, and can't be searched: so
# no line makes a field, whatever it holds, and there is nothing that fills up.
KINDS: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
    # A data stream wants this one whole.
    ({"type": "date", "ignore_malformed": False}, ("@timestamp",)),
    (
        {"type": "keyword", "ignore_above": 1024},
        (
            *("ecs.version", "log.level", "log.logger", "stream"),
            *("event.action", "event.category", "event.dataset", "event.kind", "event.module"),
            *("event.outcome", "event.type"),
            *("http.request.id", "http.request.method", "http.version", "url.scheme"),
            *("client.address", "user_agent.original"),
            *("user.id", "user.name", "user.target.id", "user.target.name"),
            *("trace.id", "span.id", "error.type", "process.real_user.id"),
            *("service.name", "service.version", "host.name"),
            # Where Filebeat found the line.
            *("kubernetes.namespace", "kubernetes.pod.name", "kubernetes.pod.uid"),
            *("kubernetes.container.name", "log.file.path", "log.file.fingerprint"),
        ),
    ),
    ({"type": "wildcard"}, ("url.path", "error.stack_trace")),
    ({"type": "match_only_text"}, ("message", "error.message")),
    ({"type": "ip"}, ("client.ip", "source.ip")),
    (
        {"type": "long"},
        (
            *("event.duration", "process.pid", "log.offset"),
            *("http.response.status_code", "http.response.body.bytes"),
        ),
    ),
    # All that the schema has no name for.
    ({"type": "flattened", "ignore_above": 1024}, ("board", "nginx")),
)
FIELDS = {name: kind for kind, names in KINDS for name in names}
PRIORITY = 500  # before the template that Elasticsearch itself has for logs-*-*


def template(stream: str, days: int) -> dict[str, Any]:
    """Return the index template of a data stream whose lines are kept for so many days.

    It has the lifecycle in it, that of data streams: Elasticsearch deletes by itself then, and
    whoever sends lines needs no right to.
    """
    index = {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",  # none, where there is one node
        # A value that is no number or address costs the search for it, not the line.
        "mapping": {"ignore_malformed": True},
    }
    return {
        "index_patterns": [stream],
        "data_stream": {},
        "priority": PRIORITY,
        "template": {
            "settings": {"index": index},
            "mappings": _mappings(),
            "lifecycle": {"enabled": True, "data_retention": f"{days}d"},
        },
    }


def _mappings() -> dict[str, Any]:
    mappings: dict[str, Any] = {"dynamic": False}
    for name, kind in FIELDS.items():
        at = mappings
        for part in name.split("."):
            at = at.setdefault("properties", {}).setdefault(part, {})
        at |= kind
    return mappings
