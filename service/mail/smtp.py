"""The mail server: connected to, signed in to, and handed one mail after another."""

import smtplib
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from service.base import characters, clock, tls
from service.base.smtp import Smtp

TIMEOUT = 10.0  # seconds for each step
FAILURES = (OSError, smtplib.SMTPException)
PERMANENT = 500  # replies from here on: trying again won't help
SHOWN = 200  # characters of what a server says


@dataclass(frozen=True)
class Mail:
    """A mail in plain text to one address."""

    to: str
    subject: str
    text: str


@contextmanager
def connected(server: Smtp) -> Generator[smtplib.SMTP]:
    """Yield a connection that is encrypted and signed in; raise one of FAILURES."""
    context = tls.trusting()
    if server.tls:
        with smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT, context=context
        ) as connection:
            _sign_in(connection, server)
            yield connection
        return
    with smtplib.SMTP(server.host, server.port, timeout=TIMEOUT) as connection:
        connection.ehlo()
        if server.must_encrypt:
            connection.starttls(context=context)
        _sign_in(connection, server)
        yield connection


def _sign_in(connection: smtplib.SMTP, server: Smtp) -> None:
    if server.user:
        connection.login(server.user, server.password)


def send(server: Smtp, board: str, mail: Mail) -> None:
    """Hand over a mail from the board of that name; raise one of FAILURES."""
    message = EmailMessage()
    to = _ascii(mail.to)
    message["From"] = Address(" ".join(board.split()), addr_spec=server.sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # so that no absence is answered
    message.set_content(mail.text)
    with connected(server) as connection:
        connection.send_message(message, server.sender, [to])


def _ascii(address: str) -> str:
    """Return an address with its domain as every server takes it."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain.encode('idna').decode()}"


def is_permanent(failure: Exception) -> bool:
    """Say whether the same mail will fail again."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in failure.recipients.values())
    if isinstance(failure, smtplib.SMTPResponseException):
        return failure.smtp_code >= PERMANENT
    return isinstance(failure, smtplib.SMTPNotSupportedError | ssl.SSLCertVerificationError)


def reason(failure: Exception) -> str:
    """Say in one line why the server took no mail; it names no recipient."""
    match failure:
        case smtplib.SMTPAuthenticationError():
            said = "it does not take the user and the password"
        case smtplib.SMTPRecipientsRefused():
            codes = sorted({str(code) for code, _ in failure.recipients.values()})
            said = f"it refused the recipient ({', '.join(codes)})"
        case smtplib.SMTPResponseException():
            words = failure.smtp_error
            text = words.decode(errors="replace") if isinstance(words, bytes) else words
            said = f"it said {failure.smtp_code} {text}"
        case OSError():
            said = failure.strerror or str(failure) or type(failure).__name__
        case _:
            said = str(failure) or type(failure).__name__
    return characters.printable(" ".join(said.split()))[:SHOWN]
