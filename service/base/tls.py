"""Which certificates are trusted where the board connects to others."""

import ssl
from pathlib import Path

# Where other systems keep them than the one that the program was built on.
ELSEWHERE = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
)


def trusting() -> ssl.SSLContext:
    """Return a context that trusts what the system trusts, or the file that SSL_CERT_FILE names."""
    context = ssl.create_default_context()
    usual = ssl.get_default_verify_paths()
    if not (usual.cafile or usual.capath):
        for file in filter(Path.exists, map(Path, ELSEWHERE)):
            context.load_verify_locations(file)
    return context
