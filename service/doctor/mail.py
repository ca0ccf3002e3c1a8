"""Mail: whether the server takes the board's."""

from collections.abc import Generator

from service.base.config import Settings
from service.base.smtp import Smtp
from service.mail import smtp


def check(settings: Settings, server: Smtp) -> Generator[str, None, str]:
    """Find what keeps mail from being sent; connect and sign in, and send nothing."""
    if not settings.public_url:
        yield (
            "SMTP_URL is set and PUBLIC_URL is not, so nothing is mailed: "
            "set PUBLIC_URL to the board's address, which begins the links in mails."
        )
    place = f"{server.host}:{server.port}"
    try:
        with smtp.connected(server) as connection:
            connection.noop()
    except smtp.FAILURES as failure:
        yield f"{place} can't be used for mail ({smtp.reason(failure)}): mend SMTP_URL."
    return f"{place} takes mail from {server.sender}"
