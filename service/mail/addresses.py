"""E-mail addresses: which are written well, and how they are compared."""

from service.base.errors import Invalid

MAX_ADDRESS = 254  # characters


def clean(text: str) -> str:
    """Return an address as it is stored; raise Invalid if it can be none. No network is asked."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415, few need it

    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise Invalid(email="This is no e-mail address such as ada@example.org.") from None
    return found.normalized


def key(address: str) -> str:
    """Return an address as it is compared."""
    return address.strip().casefold()


def domain(address: str) -> str:
    """Return the part after the @ as it is compared."""
    return key(address).rpartition("@")[2]
