"""What Filebeat is told: which files it reads, what it makes of a line, and where that goes.

It asks the cluster for nothing: all that is to be known of a line is in the path of its file.
"""

import json
from typing import Any

from infra import nginx, web
from infra.logs import trial
from infra.logs.keeping import template
from infra.settings import Settings

FOLDER = "/etc/filebeat"
SECRETS = "/run/secrets/filebeat"
DATA = "/var/lib/filebeat"  # how far it has read
LINES = "/var/log/pods"  # where the kubelet has every container's lines, on each node
PORT = 5066  # of its health
WRITE_ECS = (web.NAME, nginx.NAME)  # containers, one JSON object a line
SHORTEST = 64  # bytes of a file by which it is known again, the fewest there may be
HALF_WRITTEN = r"\.tmp$"  # what the kubelet is compressing


def stream(settings: Settings) -> str:
    """Return the name of the data stream, and of its template."""
    return f"logs-board-{settings.namespace}"


def files(settings: Settings) -> dict[str, str]:
    """Return the configuration, with all that it names."""
    contents = {
        "filebeat.yml": configuration(settings),
        "template.json": template(stream(settings), settings.log_days),
    }
    return {file: json.dumps(each, indent=1) for file, each in contents.items()}


def configuration(settings: Settings) -> dict[str, Any]:
    """Return all but the secret, which is in a file of its own."""
    name = stream(settings)
    return {
        "name": "${NODE_NAME}",
        "filebeat": {"inputs": _inputs(f"{LINES}/{settings.namespace}_*")},
        "processors": _processors(),
        "setup": _setup(name),
        "output": {"elasticsearch": {"hosts": [address(settings)], "index": name}},
        "http": {"enabled": True, "host": "0.0.0.0", "port": PORT},  # noqa: S104
        "logging": {"metrics": {"enabled": False}},
        "path": {"data": DATA},
    }


def address(settings: Settings) -> str:
    return settings.elasticsearch_url or trial.ADDRESS


def _inputs(pods: str) -> list[dict[str, Any]]:
    """Return the reading of files with objects in them, and of all others.

    A file that was rotated is known again by how it begins, compressed or not.
    """
    container = {"container": {"format": "cri"}}
    # Over what Filebeat says of a line by itself, such as its time.
    fields = {"target": "", "expand_keys": True, "overwrite_keys": True}
    ndjson = {"ndjson": {**fields, "ignore_decoding_error": True}}
    ecs = rf"/({'|'.join(WRITE_ECS)})/[^/]*$"
    return [
        _input("ecs", [f"{pods}/{each}/*.log*" for each in WRITE_ECS], [container, ndjson]),
        _input("text", [f"{pods}/*/*.log*"], [container], ecs),
    ]


def _input(
    name: str, paths: list[str], parsers: list[dict[str, Any]], *left_out: str
) -> dict[str, Any]:
    scanner = {
        "fingerprint": {"enabled": True, "offset": 0, "length": SHORTEST},
        "exclude_files": [HALF_WRITTEN, *left_out],
    }
    return {
        "type": "filestream",
        "id": name,
        "paths": paths,
        "parsers": parsers,
        "compression": "auto",
        "file_identity": {"fingerprint": None},
        "prospector": {"scanner": scanner},
        # A pod's last lines are read to their end when it has gone.
        "close": {"on_state_change": {"removed": False}},
    }


def _processors() -> list[dict[str, Any]]:
    place = f"{LINES}/%{{kubernetes.namespace}}_%{{kubernetes.pod.name}}_%{{kubernetes.pod.uid}}"
    # A line that is sent again, after Filebeat or Elasticsearch was killed, is no second one.
    where = [*_names("pod.uid", "container.name"), "log.file.fingerprint", "log.offset"]
    return [
        {
            "dissect": {
                "field": "log.file.path",
                "tokenizer": f"{place}/%{{kubernetes.container.name}}/%{{?file}}",
                "target_prefix": "",
            }
        },
        {"fingerprint": {"fields": where, "target_field": "@metadata._id"}},
    ]


def _names(*of: str) -> list[str]:
    return [f"kubernetes.{each}" for each in of]


def _setup(name: str) -> dict[str, Any]:
    """Return what Filebeat puts in place itself, each time it connects."""
    file = {"enabled": True, "name": name, "path": f"{FOLDER}/template.json", "data_stream": True}
    return {
        "template": {"name": name, "pattern": name, "overwrite": True, "json": file},
        "ilm": {"enabled": False},  # the template has a lifecycle of its own
    }
