"""Recovery codes: ten random ones, each good once in place of a second factor that is lost."""

import base64
import hashlib
import re
import secrets
import unicodedata

NUMBER = 10
BYTES = 15  # 120 bits: no throttle has to guard them, and a plain hash is enough
LENGTH = 24  # characters of base32
GROUP = 4
LOOKALIKES = str.maketrans("018", "OIB")  # digits that base32 has not


def new_codes() -> list[str]:
    """Return codes as people read them: in groups of four."""
    found = [base64.b32encode(secrets.token_bytes(BYTES)).decode() for _ in range(NUMBER)]
    return [grouped(code, "-") for code in found]


def grouped(text: str, between: str = " ") -> str:
    """Return a text in groups of four characters."""
    return between.join(re.findall(f".{{1,{GROUP}}}", text))


def normal(typed: str) -> str:
    """Return a code as it is compared, however it was typed: without case, blanks and dashes."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", typed)).upper()


def digest(code: str) -> str:
    """Return what is stored of a code in its normal form."""
    return hashlib.sha256(code.translate(LOOKALIKES).encode()).hexdigest()
