"""Settings that are secrets: keys, what may come from files, and what is never shown."""

from pathlib import Path
from typing import Any

import pytest

from service.base.config import read_settings
from service.base.redis_url import Redis
from service.base.setting import ConfigError
from tests.base.reading import KEY, OLD, ON_POSTGRES, faults, read


def test_a_key_in_the_data_folder_must_be_as_long_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short")
    (fault,) = faults(DATA_DIR=str(tmp_path), SECRET_KEY="")
    assert fault.startswith("SECRET_KEY holds a key shorter than 32 bytes.")


@pytest.mark.parametrize(
    ("value", "how"),
    [
        ("", "`board init` makes one and keeps it in /nowhere/secret-key"),
        ("short", '`python3 -c "import secrets; print(secrets.token_urlsafe(48))"`'),
    ],
)
def test_without_a_real_key_it_says_how_to_make_one(value: str, how: str) -> None:
    (fault,) = faults(SECRET_KEY=value, DATA_DIR="/nowhere")
    assert how in fault
    assert "short " not in fault
    assert "32 bytes" in fault or not value


def test_a_key_counts_in_bytes() -> None:
    assert read(SECRET_KEY="é" * 16).secret_keys == ("é" * 16,)


# Secrets in files.


@pytest.mark.parametrize(
    ("name", "content", "attribute", "expected"),
    [
        ("SECRET_KEY", f"{KEY}\n{OLD}\n", "secret_keys", (KEY, OLD)),
        ("DATABASE_URL", "postgres://u:p@h/b\n", "database_url", "postgresql://u:p@h/b"),
        ("REDIS_URL", "redis://:p@h\n", "redis", Redis("h", password="p")),
    ],
)
def test_a_secret_may_come_from_a_file(
    tmp_path: Path, name: str, content: str, attribute: str, expected: Any
) -> None:
    file = tmp_path / "secret"
    file.write_text(content)
    environ = {"SECRET_KEY": KEY, f"{name}_FILE": str(file)}
    environ.pop(name, None)
    assert getattr(read_settings(environ), attribute) == expected


def test_a_file_that_cannot_be_read_is_one_fault(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "nothing", tmp_path, binary):
        with pytest.raises(ConfigError) as raised:
            read_settings({"SECRET_KEY_FILE": str(path)})
        (fault,) = raised.value.faults
        assert fault.startswith(f"SECRET_KEY_FILE names {path}, which cannot be read: ")


def test_an_empty_file_is_named_and_no_other(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    (tmp_path / "secret-key").write_text(KEY)  # which nobody must be told to delete
    for name in ("SECRET_KEY", "DATABASE_URL"):
        environ = {"SECRET_KEY": KEY, "DATA_DIR": str(tmp_path), f"{name}_FILE": str(empty)}
        environ.pop(name, None)
        with pytest.raises(ConfigError) as raised:
            read_settings(environ)
        assert raised.value.faults == [f"{name}_FILE names {empty}, which is empty."]
    assert "delete" not in faults(SECRET_KEY=",", DATA_DIR=str(tmp_path))[0]


def test_a_secret_and_its_file_exclude_each_other(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(OLD)
    assert faults(SECRET_KEY_FILE=str(file)) == [
        "SECRET_KEY and SECRET_KEY_FILE are both set; keep one of them."
    ]


# Secrets stay secret.


def test_secrets_are_not_shown() -> None:
    settings = read(**ON_POSTGRES, REDIS_URL="redis://:s3cret@h")
    for shown in (repr(settings), str(settings), f"{settings}"):
        assert KEY not in shown
        assert "s3cret" not in shown
    for bad in (
        "mysql://u:hidden@h/b",
        "postgresql://u:hidden@h:port/b",
        "postgresql://u:hid@den/hidden#%@h/b",
        "postgresql://u:%hidden@h/b",
    ):
        redis = bad.replace("postgresql", "redis")
        said = " ".join(faults(SECRET_KEY=f"{KEY},hidden", DATABASE_URL=bad, REDIS_URL=redis))
        assert "hid" not in said
        assert "den" not in said
