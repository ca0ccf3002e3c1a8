"""The house as data: its floors, and its modules."""

from pathlib import Path

SERVICE = Path(__file__).parent.parent / "service"

# From the bottom up: a module imports from its own folder and from those before it.
HOUSE = (
    "base",
    "data",
    "access",
    "search",
    "web",
    "keep",
    "live",
    "watch",
    "mail",
    "accounts",
    "factors",
    "passkeys",
    "tokens",
    "links",
    "joining",
    "resets",
    "rooms",
    "unread",
    "messages",
    "reactions",
    "pins",
    "threads",
    "people",
    "oidc",
    "bots",
    "mine",
    "audit",
    "options",
    "doctor",
    "administration",
    "registry",
    "app",
    "about",
    "demo",
    "commands",
    "cli",
    "__main__",
)


def modules() -> list[Path]:
    return sorted(SERVICE.rglob("*.py"))


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(SERVICE).with_suffix("").parts).removesuffix(".__init__")
