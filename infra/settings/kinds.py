"""Reading the stack's configuration: every kind of value, and a sentence for a bad one."""

import ipaddress
import re
from urllib.parse import urlsplit

import pulumi

MIN_KEY_BYTES = 32  # as service.config wants it
NODE_PORTS = range(30000, 32768)  # what Kubernetes gives to node ports unless told otherwise
POSTGRES_PORT = 5432
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
IMAGE = re.compile(
    r"[a-z0-9][a-z0-9._:/-]*[a-z0-9](:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?"
)
LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
LABEL_KEY = re.compile(rf"([a-z0-9][-a-z0-9.]{{0,252}}/)?{LABEL_VALUE.pattern}")
PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
SIZE = re.compile(r"[1-9][0-9]*[KMGT]i")
CRON_FIELD = re.compile(r"[0-9*,/-]+")


class Reader:
    """Reads one key after another and collects what is wrong with them."""

    def __init__(self, config: pulumi.Config) -> None:
        self.config = config
        self.faults: list[str] = []

    def text(self, key: str) -> str:
        return (self.config.get(key) or "").strip()

    def flag(self, key: str) -> bool:
        return self.choice(key, ("true", "false")) == "true"

    def number(self, key: str, lowest: int, highest: int) -> int:
        value = self.text(key)
        if value.isascii() and value.isdigit() and lowest <= int(value) <= highest:
            return int(value)
        self.faults.append(
            f"{key} must be a whole number from {lowest} to {highest}, not {value!r}."
        )
        return lowest

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.text(key)
        for known in choices:
            if value.lower() == known.lower():
                return known
        self.faults.append(f"{key} must be one of {', '.join(choices)}, not {value!r}.")
        return choices[0]

    def name(self, key: str) -> str:
        value = self.text(key)
        if not LABEL.fullmatch(value):
            self.faults.append(
                f"{key} must be a name of small letters, digits and hyphens, not {value!r}."
            )
        return value

    def optional_name(self, key: str) -> str:
        """The name of an object that is there already: it may have dots."""
        value = self.text(key)
        if value and not all(LABEL.fullmatch(part) for part in value.split(".")):
            self.faults.append(
                f"{key} must be a name of small letters, digits, hyphens and dots, not {value!r}."
            )
        return value

    def host(self, key: str) -> str:
        value = self.text(key).lower()
        parts = value.split(".")
        if not all(LABEL.fullmatch(part) for part in parts) or parts[-1].isdigit():
            self.faults.append(
                f"{key} must be a host name such as board.example.org, without https:// "
                f"and without a port, not {value!r}."
            )
        return value

    def path(self, key: str) -> str:
        value = self.text(key).rstrip("/")
        if not PATH.fullmatch(value):
            self.faults.append(f"{key} must be empty or a path such as /board, not {value!r}.")
        return value

    def networks(self, key: str) -> tuple[str, ...]:
        found = []
        for value in self.text(key).replace(",", " ").split():
            try:
                found.append(str(ipaddress.ip_network(value)))
            except ValueError:
                self.faults.append(
                    f"{key} holds {value!r}, which is no IP address or network such as 10.0.0.0/8."
                )
        return tuple(found)

    def labels(self, key: str) -> dict[str, str]:
        pairs = [pair.partition("=") for pair in self.text(key).replace(",", " ").split()]
        if not all(LABEL_KEY.fullmatch(name) and LABEL_VALUE.fullmatch(v) for name, _, v in pairs):
            self.faults.append(
                f"{key} must be labels such as k8s-app=kube-dns, separated by commas, "
                f"not {self.text(key)!r}."
            )
        return {name: value for name, _, value in pairs}

    def image(self, key: str) -> str:
        value = self.text(key)
        if not value:
            self.faults.append(
                f"{key} is not set: name an image with `pulumi config set {key} IMAGE:TAG`."
            )
        elif not IMAGE.fullmatch(value):
            self.faults.append(f"{key} must be an image such as name:tag, not {value!r}.")
        return value

    def size(self, key: str) -> str:
        value = self.text(key)
        if not SIZE.fullmatch(value):
            self.faults.append(f"{key} must be a size such as 10Gi, not {value!r}.")
        return value

    def schedule(self, key: str) -> str:
        value = self.text(key)
        fields = value.split()
        if len(fields) != 5 or not all(CRON_FIELD.fullmatch(field) for field in fields):  # noqa: PLR2004
            self.faults.append(
                f"{key} must be cron's five fields such as '17 2 * * *', not {value!r}."
            )
        return value

    def node_port(self, key: str) -> int:
        value = self.text(key)
        if value == "0":
            return 0
        if value.isascii() and value.isdigit() and int(value) in NODE_PORTS:
            return int(value)
        self.faults.append(
            f"{key} must be from {NODE_PORTS.start} to {NODE_PORTS.stop - 1}, "
            f"or 0 for none, not {value!r}."
        )
        return 0

    # Secrets: a sentence about one never repeats it.

    def secret(self, key: str) -> str:
        value = self.text(key)
        if value and not pulumi.runtime.is_config_secret(self.config.full_key(key)):
            self.faults.append(
                f"{key} is a secret and lies readable in the stack's settings: "
                f"set it anew with `pulumi config set --secret {key}`."
            )
        return value

    def keys(self, key: str) -> str:
        value = self.secret(key)
        if any(len(part.encode()) < MIN_KEY_BYTES for part in value.replace(",", " ").split()):
            self.faults.append(
                f"{key} holds a key shorter than {MIN_KEY_BYTES} bytes: "
                "leave it empty to have one made."
            )
        return value

    def database_url(self, key: str) -> tuple[str, int]:
        """Return an external database's URL and its port."""
        value = self.secret(key)
        try:
            parts = urlsplit(value)
            port = parts.port or POSTGRES_PORT
        except ValueError:
            self.faults.append(f"{key} is no URL such as postgresql://user:password@host/name.")
            return value, POSTGRES_PORT
        if value and (fault := _database_fault(parts.scheme, parts.hostname, parts.path)):
            self.faults.append(f"{key} {fault}")
        return value, port


def _database_fault(scheme: str, host: str | None, path: str) -> str:
    if scheme == "sqlite":
        return "names a SQLite file, which serves one pod only: name a PostgreSQL database."
    if scheme not in {"postgresql", "postgres"} or not path.strip("/"):
        return "is no URL such as postgresql://user:password@host/name."
    if host is None or host == "localhost" or host.startswith("127.") or host == "::1":
        return "must name a host that pods reach; localhost is the pod itself."
    return ""
