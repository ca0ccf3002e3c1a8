"""Where logs go, beside `kubectl logs`."""

import base64
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from infra.settings import kinds
from infra.settings.declared import declare
from service.base.values import Choice, Number, Unusable

HTTPS = 443
SUFFIX = "-logs"  # behind the name of the board's namespace
API_KEY = re.compile(r"[A-Za-z0-9_-]+:[A-Za-z0-9_-]+")


def elasticsearch_url(text: str) -> str:
    """Return the address of an Elasticsearch, with its port; empty is none."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        port = parts.port or HTTPS
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise Unusable("must be an address such as https://logs.example.org:9200.")
    if "@" in parts.netloc:
        raise Unusable("holds a password: the key to it belongs in elasticsearchApiKey.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"https://{host}:{port}{parts.path.rstrip('/')}"


def api_key(text: str) -> str:
    """Return an API key as id:key; Elasticsearch also gives it in base64, as `encoded`."""
    try:
        key = text if ":" in text else base64.b64decode(text, validate=True).decode()
    except ValueError:
        key = ""
    if text and not API_KEY.fullmatch(key):
        raise Unusable("is no API key: it is id:api_key, or what Elasticsearch calls encoded.")
    return key


@dataclass(frozen=True, kw_only=True)
class Logs:
    """Filebeat on every node, and an Elasticsearch."""

    logs: str = declare(
        "logs",
        Choice(("none", "elasticsearch")),
        "none",
        "elasticsearch sends all lines there, by Filebeat on every node, in the namespace that "
        "is called as the board's with -logs behind",
    )
    elasticsearch_url: str = declare(
        "elasticsearchUrl",
        elasticsearch_url,
        "",
        "The Elasticsearch that takes the logs, such as https://logs.example.org:9200; if empty, "
        "and with dev only, a single one is made to try it with",
    )
    elasticsearch_api_key: str = declare(
        "elasticsearchApiKey",
        api_key,
        "",
        "The API key for it, as id:api_key or encoded; set with --secret",
        secret=True,
    )
    elasticsearch_networks: tuple[str, ...] = declare(
        "elasticsearchNetworks",
        kinds.networks,
        "",
        "Networks that Elasticsearch is in, for the network policies; any if empty",
    )
    log_days: int = declare(
        "logDays",
        Number(1, 3650),
        30,
        "Days that Elasticsearch keeps a line at least: it deletes many at once; a change counts "
        "for what is made then, and README says how for what is there",
    )
    filebeat_image: str = declare(
        "filebeatImage",
        kinds.Image("filebeatImage"),
        "docker.elastic.co/beats/filebeat-wolfi:9.5.2",
        "The image of Filebeat",
    )
    elasticsearch_image: str = declare(
        "elasticsearchImage",
        kinds.Image("elasticsearchImage"),
        "docker.elastic.co/elasticsearch/elasticsearch:9.5.2",
        "The image of the Elasticsearch to try it with",
    )
    elasticsearch_storage: str = declare(
        "elasticsearchStorage",
        kinds.size,
        "10Gi",
        "The volume of the Elasticsearch to try it with, which is deleted with it",
    )

    @property
    def has_logs(self) -> bool:
        return self.logs == "elasticsearch"

    @property
    def elasticsearch_port(self) -> int:
        """Where an Elasticsearch outside listens."""
        return urlsplit(self.elasticsearch_url).port or HTTPS
