"""Whole numbers in text, as long as the databases' columns hold them."""

MAX_DIGITS = 18  # of a number that fits 64 bits whatever its digits are
MAX_ID = 2**63 - 1  # of a 64-bit column


def of(text: str) -> int | None:
    """Return the number that ASCII digits write; None where they write none, or are too many."""
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return int(text)
    return None
