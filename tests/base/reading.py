"""Settings as they are read, with a key that is good."""

import pytest

from service.base.config import Settings, read_settings
from service.base.setting import ConfigError

KEY = "a-key-that-has-at-least-32-bytes-in-it"
OLD = "another-key-of-at-least-thirty-two-bytes"
ON_POSTGRES = {"DATABASE_URL": "postgresql://board:s3cret@db.internal:5432/board"}


def read(**environ: str) -> Settings:
    return read_settings({"SECRET_KEY": KEY, **environ})


def faults(**environ: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(**environ)
    assert str(raised.value) == "\n".join(raised.value.faults)
    return raised.value.faults
