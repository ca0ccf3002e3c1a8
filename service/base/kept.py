"""The data folder: the secret key and the SQLite file that are taken where no others are named."""

from collections.abc import Mapping
from pathlib import Path

from service.base import addresses, values
from service.base.program import PROGRAM
from service.base.values import Unusable

DEFAULT_DATA = "var"
MIN_KEY_BYTES = 32  # HS256 wants a key at least as long as its hash (RFC 7518, section 3.2)
HOW_TO_MAKE_A_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


def data_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder of what the board keeps: its SQLite file and the secret `init` made."""
    return Path(environ.get("DATA_DIR", "").strip() or DEFAULT_DATA)


def key_file(environ: Mapping[str, str]) -> Path:
    """Return the file that holds the secret key if the environment names none."""
    return data_dir(environ) / "secret-key"


def keys(environ: Mapping[str, str]) -> str:
    """Return the secret key that `init` made."""
    file = key_file(environ)
    if not file.exists():
        raise Unusable(f"is not set. `{PROGRAM} init` makes one and keeps it in {file.absolute()}.")
    if found := values.content(str(file), "is kept in"):
        return found
    raise Unusable(
        f"is not set, and {file.absolute()} is empty: "
        f"delete it, then `{PROGRAM} init` makes another."
    )


def database_url(environ: Mapping[str, str]) -> str:
    """Return the URL of the board's SQLite file."""
    return addresses.sqlite_in(data_dir(environ), "board")


def long_keys(text: str) -> tuple[str, ...]:
    """Return secret keys that are long enough, the newest first."""
    found = values.several(text)
    if min((len(key.encode()) for key in found), default=0) < MIN_KEY_BYTES:
        raise Unusable(
            f"holds a key shorter than {MIN_KEY_BYTES} bytes. Make one with `{HOW_TO_MAKE_A_KEY}`."
        )
    return found
