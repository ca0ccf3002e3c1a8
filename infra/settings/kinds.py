"""The kinds of values that only the stack's settings have; see also `service.base.values`.

Each makes a value of its text, or says in the words that follow the key what is wrong.
"""

import ipaddress
import re
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from service.base import addresses, numbers, smtp, values
from service.base.kept import MIN_KEY_BYTES
from service.base.redis_url import redis_url as board_redis_url
from service.base.values import Choice, Unusable

NODE_PORTS = range(30000, 32768)  # what Kubernetes gives to node ports unless told otherwise
LONGEST_NAME = 63
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
IMAGE = re.compile(
    r"[a-z0-9][a-z0-9._:/-]*[a-z0-9](:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?"
)
LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
LABEL_KEY = re.compile(rf"([a-z0-9][-a-z0-9.]{{0,252}}/)?{LABEL_VALUE.pattern}")
PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
SIZE = re.compile(r"[1-9][0-9]*[KMGT]i")
PROVIDERS_NAME = re.compile(r"OIDC_[A-Z0-9]+_[A-Z_]+")
NO_DATABASE = "is no URL such as postgresql://user:password@host/name."
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
CRON = re.compile(r"([0-9*,/-]+ ){4}[0-9*,/-]+")


def flag(text: str) -> bool:
    return Choice(("true", "false"))(text) == "true"


def name(text: str) -> str:
    """Return the name of an object to be made."""
    if not LABEL.fullmatch(text):
        raise Unusable(f"must be a name of small letters, digits and hyphens, not {text!r}.")
    return text


def name_there(text: str) -> str:
    """Return the name of an object that is there already: it may have dots, and be empty."""
    if text and not all(LABEL.fullmatch(part) for part in text.split(".")):
        raise Unusable(f"must be a name of small letters, digits, hyphens and dots, not {text!r}.")
    return text


def host(text: str) -> str:
    text = text.lower()
    parts = text.split(".")
    if not all(LABEL.fullmatch(part) for part in parts) or parts[-1].isdigit():
        raise Unusable(
            "must be a host name such as board.example.org, without https:// "
            f"and without a port, not {text!r}."
        )
    return text


def path(text: str) -> str:
    text = text.rstrip("/")
    if not PATH.fullmatch(text):
        raise Unusable(f"must be empty or a path such as /board, not {text!r}.")
    return text


def networks(text: str) -> tuple[str, ...]:
    """Return networks as network policies want them, an address as one of its own."""
    return tuple(str(ipaddress.ip_network(each)) for each in values.networks(text))


def labels(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in values.several(text)]
    if not all(
        LABEL_KEY.fullmatch(key) and LABEL_VALUE.fullmatch(value) for key, _, value in pairs
    ):
        raise Unusable(
            f"must be labels such as k8s-app=kube-dns, separated by commas, not {text!r}."
        )
    return {key: value for key, _, value in pairs}


@dataclass(frozen=True)
class Image:
    key: str

    def __call__(self, text: str) -> str:
        if not text:
            how = f"`pulumi config set {self.key} IMAGE:TAG`"
            raise Unusable(f"is not set: name an image with {how}.")
        if not IMAGE.fullmatch(text):
            raise Unusable(f"must be an image such as name:tag, not {text!r}.")
        return text


def size(text: str) -> str:
    if not SIZE.fullmatch(text):
        raise Unusable(f"must be a size such as 10Gi, not {text!r}.")
    return text


def public_url(text: str) -> str:
    """Return where browsers find the board; empty is where the ways in lead."""
    return addresses.public_url(text) if text else ""


def http_url(text: str) -> str:
    """Return the address of a server, without a / at its end; empty is none."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if text and (not good or parts.username or parts.query or parts.fragment):
        raise Unusable("must be such as http://server.example:9093, without a password.")
    return text.rstrip("/")


def http_port(url: str) -> int:
    """Return where the server at such an address listens; 0 if there is none."""
    parts = urlsplit(url)
    return parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)


def of_providers(text: str) -> dict[str, str]:
    """Return providers' settings, as the board's environment has them, but for their secrets."""
    found = _lines(text)
    for name in found:
        if _is_secret(name.removesuffix("_FILE")):
            raise Unusable(f"holds {name}, which is a secret: it belongs in providerSecrets.")
    return found


def certificates(text: str) -> str:
    """Return certificates in PEM, without what is written beside them; empty is none."""
    if "PRIVATE KEY" in text:
        raise Unusable("holds a private key: it takes certificates alone.")
    found = CERTIFICATE.findall(text)
    if text and not (len(found) == text.count("BEGIN CERTIFICATE") and _are_readable(found)):
        raise Unusable("must be certificates in PEM, each from BEGIN to END CERTIFICATE.")
    return "".join(f"{each}\n" for each in found)


def _are_readable(certificates: list[str]) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
            cadata="\n".join(certificates)
        )
    except (ssl.SSLError, ValueError, TypeError):
        return False
    return True


def schedule(text: str) -> str:
    if not CRON.fullmatch(" ".join(text.split())):
        raise Unusable(f"must be cron's five fields such as '17 2 * * *', not {text!r}.")
    return text


def node_port(text: str) -> int:
    """Return a port of the nodes; 0 is none."""
    number = numbers.of(text)
    if text == "0" or number in NODE_PORTS:
        return number or 0
    raise Unusable(
        f"must be from {NODE_PORTS.start} to {NODE_PORTS.stop - 1}, or 0 for none, not {text!r}."
    )


# Secrets: a sentence about one never repeats it.


def long_keys(text: str) -> str:
    if any(len(key.encode()) < MIN_KEY_BYTES for key in values.several(text)):
        raise Unusable(
            f"holds a key shorter than {MIN_KEY_BYTES} bytes: leave it empty to have one made."
        )
    return text


def secrets_of_providers(text: str) -> dict[str, str]:
    """Return providers' secrets, as the board's environment has them."""
    found = _lines(text)
    if not all(map(_is_secret, found)):
        raise Unusable("holds more than OIDC_<NAME>_CLIENT_SECRET: the rest belongs in providers.")
    return found


def _is_secret(name: str) -> bool:
    return name.endswith("_CLIENT_SECRET")


def _lines(text: str) -> dict[str, str]:
    """Return what lines such as NAME=value say; # begins a comment."""
    lines = [line.strip() for line in text.splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    if not all(PROVIDERS_NAME.fullmatch(name) and value.strip() for name, _, value in pairs):
        raise Unusable("must be lines such as OIDC_CORP_CLIENT_ID=board, of providers alone.")
    return {name: value.strip() for name, _, value in pairs}


def smtp_url(text: str) -> str:
    """Return the URL of a mail server; empty is none."""
    if text:
        smtp.smtp_url(text)
    return text


def database_url(text: str) -> str:
    """Return the URL of an external database; empty is none."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise Unusable(NO_DATABASE) from None
    if text and (fault := _database_fault(parts.scheme, parts.hostname, parts.path)):
        raise Unusable(fault)
    return text


def _database_fault(scheme: str, host: str | None, path: str) -> str:
    if scheme == "sqlite":
        return "names a SQLite file, which serves one pod only: name a PostgreSQL database."
    if scheme not in {"postgresql", "postgres"} or not path.strip("/"):
        return NO_DATABASE
    return _host_fault(host)


def _host_fault(host: str | None) -> str:
    if host is None or host == "localhost" or host.startswith("127.") or host == "::1":
        return "must name a host that pods reach; localhost is the pod itself."
    return ""


def redis_url(text: str) -> str:
    """Return the URL of an external Redis or Valkey; empty is none."""
    if text:
        board_redis_url(text)
        if fault := _host_fault(urlsplit(text).hostname):
            raise Unusable(fault)
    return text
