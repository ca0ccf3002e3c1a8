"""Where passkeys work: at the board's own address alone, and only as browsers will have it."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT_PORTS = {"https": 443, "http": 80}
LOCAL = "localhost"


@dataclass(frozen=True)
class Home:
    """The host that passkeys are made for, the origin they are used at, or why there is none."""

    host: str = ""
    origin: str = ""
    fault: str = ""  # for whoever uses the board
    mend: str = ""  # for whoever runs it


def home(public_url: str) -> Home:
    """Return where passkeys work on a board that browsers find at PUBLIC_URL."""
    if not public_url:
        return Home(
            fault="The board does not know its own address, to which a passkey belongs.",
            mend="set PUBLIC_URL to the address at which browsers find the board",
        )
    url = urlsplit(public_url)
    host = _ascii(url.hostname or "")
    if _is_number(host):
        return Home(
            fault="The board's address is a number. A passkey belongs to a name.",
            mend=_named(url.scheme, host, url.port),
        )
    if url.scheme != "https" and host != LOCAL and not host.endswith(f".{LOCAL}"):
        return Home(
            fault="The board is not reached over HTTPS, without which browsers have no passkeys.",
            mend="give the board a certificate, and PUBLIC_URL an https:// address",
        )
    return Home(host, _origin(url.scheme, host, url.port))


def _named(scheme: str, host: str, port: int | None) -> str:
    if ip_address(host).is_loopback:
        return f"set PUBLIC_URL to {_origin(scheme, LOCAL, port)}, and open that"
    return "give the board a name, and write it in PUBLIC_URL"


def _origin(scheme: str, host: str, port: int | None) -> str:
    """Return an origin as browsers write it."""
    usual = port is None or port == DEFAULT_PORTS[scheme]
    return f"{scheme}://{host}" if usual else f"{scheme}://{host}:{port}"


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:  # a label that is too long; then nothing else works there either
        return host


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
