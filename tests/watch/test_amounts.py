"""What only a look tells: sizes, the last backup, the end of a certificate."""

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from service.access import audit
from service.access.audit import OPERATOR
from service.base import clock
from service.base.config import Settings
from service.base.lanes import Lanes
from service.data import db
from service.watch import amounts
from tests.measuring import Measured
from tests.people import ON_SQLITE
from tests.reverse_proxy import make_certificate
from tests.servers import free_port
from tests.streams import until


@pytest.mark.usefixtures("database")
def test_the_database_and_the_last_backup_are_measured(measured: Measured) -> None:
    amounts.look()
    assert (measured.value("database_size_bytes") or 0) > 10_000
    assert measured.value("backup_timestamp_seconds") is None
    with db.write():
        audit.note(OPERATOR, "backup.made")
    amounts.look()
    made = measured.value("backup_timestamp_seconds")
    assert made
    assert abs(made - clock.now().timestamp()) < 60
    # One of PostgreSQL's own is another machine's, mostly.
    free, size = measured.value("disk_free_bytes"), measured.value("disk_size_bytes")
    assert (0 < free < size) if db.on_sqlite() and free and size else (free, size) == (None, None)


@ON_SQLITE
@pytest.mark.anyio
async def test_a_disk_that_can_t_be_asked_is_said_and_asked_again(
    database: None,
    settings: Settings,
    measured: Measured,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(amounts, "EVERY", 0.05)
    with monkeypatch.context() as broken:
        broken.setattr(amounts.db, "place", lambda: "/nowhere/at/all")
        lanes = Lanes(8, one_writer=True)
        task = asyncio.create_task(amounts.run(replace(settings, metrics_port=9464), lanes))
        await until(lambda: "can't be measured: [Errno 2]" in caplog.text)
    await until(lambda: measured.value("disk_free_bytes") is not None)
    task.cancel()


@contextmanager
def secured(certificate: Path) -> Generator[str]:
    """Yield an https address that shows a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    plain = socket.create_server(("127.0.0.1", 0))
    with closing(context.wrap_socket(plain, server_side=True)) as server:

        def greet() -> None:
            server.accept()[0].close()

        greeting = threading.Thread(target=greet)
        greeting.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}/board"
        greeting.join()


def test_the_end_of_the_certificate_is_measured(measured: Measured, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    make_certificate(file)
    with secured(file) as url:
        assert amounts.look_at_certificate(url)
    ends = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    assert measured.value("certificate_expiry_timestamp_seconds") == ends.timestamp()


def test_a_certificate_that_cant_be_had_leaves_what_was_known(
    measured: Measured, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert not amounts.look_at_certificate(f"https://127.0.0.1:{free_port()}")
    assert "The certificate at PUBLIC_URL can't be had" in caplog.text
    assert measured.value("certificate_expiry_timestamp_seconds") is None
