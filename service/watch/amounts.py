"""What only a look tells: how large the database is, what room is left, when a backup was made."""

import asyncio
import logging
import shutil
import ssl
import threading
import time
from urllib.parse import urlsplit

from service.base import metrics
from service.base.config import Settings
from service.base.errors import Unavailable
from service.base.lanes import Lanes
from service.data import db, outages
from service.keep import last

EVERY = 60.0  # seconds; also until a certificate that could not be had is asked for again
EVERY_CERTIFICATE = 3600.0
PATIENCE = 10.0  # seconds
HTTPS = 443

logger = logging.getLogger(__name__)


async def run(settings: Settings, lanes: Lanes) -> None:
    """Look once a minute, until cancelled; what can't be told now stays as it was.

    A board that is not measured is not looked at.
    """
    if not settings.metrics_port:
        return
    if settings.public_url.startswith("https:"):
        # Of its own, and nobody waits for it at the end: a name may take long to be found.
        looks = threading.Thread(target=_look_for_ever, args=(settings.public_url,), daemon=True)
        looks.start()
    while True:
        try:
            await lanes.run("searches", look)
        except (*db.FAILURES, Unavailable, OSError) as failure:
            logger.warning("The database can't be measured: %s", outages.reason(failure))
        await asyncio.sleep(EVERY)


def look() -> None:
    """Measure what the database and its disk tell."""
    with db.read():
        metrics.database_size.set(db.size())
        if backup := last.backup():
            metrics.backup_at.set(backup.at.timestamp())
    if db.on_sqlite():
        disk = shutil.disk_usage(db.place())
        metrics.disk_free.set(disk.free)
        metrics.disk_size.set(disk.total)


def _look_for_ever(url: str) -> None:
    told = False
    while True:
        found = look_at_certificate(url, logging.DEBUG if told else logging.INFO)
        told = not found
        time.sleep(EVERY_CERTIFICATE if found else EVERY)


def look_at_certificate(url: str, level: int = logging.INFO) -> bool:
    """Measure when the certificate at an https address ends; say whether it could be had.

    Whether browsers trust it does not count: one that ended yesterday is to be told of, too.
    """
    from cryptography import x509  # noqa: PLC0415, where something is measured

    there = urlsplit(url)
    address = there.hostname or "", there.port or HTTPS
    try:
        text = ssl.get_server_certificate(address, timeout=PATIENCE)
        ends = x509.load_pem_x509_certificate(text.encode()).not_valid_after_utc
    except (OSError, ValueError) as failure:
        logger.log(level, "The certificate at PUBLIC_URL can't be had: %s", failure)
        return False
    metrics.certificate_ends.set(ends.timestamp())
    return True
