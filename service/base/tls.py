"""Which certificates are trusted where the board connects to others."""

import os
import ssl
from pathlib import Path

FOLDER = "SSL_CERT_DIR"
# Where other systems keep them than the one that the program was built on.
ELSEWHERE = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
)


def trusting() -> ssl.SSLContext:
    """Return a context that trusts what the system trusts, and the `.pem` files of SSL_CERT_DIR.

    The file that SSL_CERT_FILE names stands in for the system's. Raises OSError where a file holds
    no certificate.
    """
    context = ssl.create_default_context()
    for file in (*_elsewhere(), *_added()):
        context.load_verify_locations(file)
    return context


def _elsewhere() -> list[Path]:
    usual = ssl.get_default_verify_paths()
    # A folder that is named is what is added, not what the system has.
    is_found = usual.cafile or (usual.capath and FOLDER not in os.environ)
    return [] if is_found else list(filter(Path.exists, map(Path, ELSEWHERE)))


def _added() -> list[Path]:
    folder = os.environ.get(FOLDER)
    # OpenSSL itself would take those alone whose names are hashes.
    return sorted(Path(folder).glob("*.pem")) if folder else []
