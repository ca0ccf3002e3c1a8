"""Settings: what is good, what is not, and how that is said."""

from pathlib import Path
from typing import Any

import pytest

from service.base.config import DECLARED, Settings, read_database_url, read_settings
from service.base.redis_url import Redis
from service.base.setting import ConfigError
from service.base.smtp import Smtp
from service.data import db, sqlite
from tests.base.reading import KEY, OLD, ON_POSTGRES, faults, read

ATTRIBUTES = {setting.name: attribute for attribute, setting in DECLARED.items()}


def test_a_secret_key_is_all_that_must_be_set() -> None:
    settings = read()
    assert settings == Settings(secret_keys=(KEY,))
    assert settings.database_url == "sqlite:///var/board.sqlite3"
    assert settings.on_sqlite
    assert not settings.development


def test_the_data_folder_holds_the_database_and_the_key(tmp_path: Path) -> None:
    data = tmp_path / "100% ours?"
    data.mkdir()
    (data / "secret-key").write_text(f"{KEY}\n")
    settings = read_settings({"DATA_DIR": str(data)})
    assert settings.secret_keys == (KEY,)
    assert sqlite.file_of(settings.database_url) == data / "board.sqlite3"
    # What is named goes before what lies there.
    assert read_settings({"DATA_DIR": str(data), "SECRET_KEY": OLD}).secret_keys == (OLD,)
    (data / "other-key").write_text(OLD)
    named = read_settings({"DATA_DIR": str(data), "SECRET_KEY_FILE": str(data / "other-key")})
    assert named.secret_keys == (OLD,)


GOOD = [
    ("SECRET_KEY", f"{KEY},{OLD}", (KEY, OLD)),
    ("SECRET_KEY", f" {KEY} \n {OLD} ", (KEY, OLD)),
    ("DATA_DIR", "/srv/board", Path("/srv/board")),
    ("DATABASE_URL", "sqlite:////srv/board.sqlite3", "sqlite:////srv/board.sqlite3"),
    ("DATABASE_URL", "postgresql://u:p@h/board", "postgresql://u:p@h/board"),
    ("DATABASE_URL", "postgres://u:p@h/board", "postgresql://u:p@h/board"),
    (
        "DATABASE_URL",
        "postgresql://u@h:1,[::1]/b?sslmode=require",
        "postgresql://u@h:1,[::1]/b?sslmode=require",
    ),
    ("DATABASE_POOL", "5", 5),
    ("DATABASE_POOL", "500", 500),
    ("BOARD_NAME", " The Team ", "The Team"),
    ("HOST", "0.0.0.0", "0.0.0.0"),
    ("HOST", "[::1]", "::1"),
    ("PUBLIC_URL", "", ""),
    ("PUBLIC_URL", "https://Board.Example.org/", "https://board.example.org"),
    ("PUBLIC_URL", "http://[::1]:8080/Team/board/", "http://[::1]:8080/Team/board"),
    ("SMTP_URL", "smtp://h?from=b@e.org", Smtp("h", 587, "b@e.org")),
    (
        "SMTP_URL",
        "smtps://b%40e.org:p%2Fw@mail.e.org?from=b@e.org",
        Smtp("mail.e.org", 465, "b@e.org", "b@e.org", "p/w", tls=True),
    ),
    ("SMTP_URL", "smtp://localhost:25/?from=b@e.org", Smtp("localhost", 25, "b@e.org")),
    ("PASSWORD_SIGN_IN", "Yes", True),
    ("REDIS_URL", "redis://h", Redis("h")),
    ("REDIS_URL", "redis://:p%2Fw@[::1]:1/", Redis("::1", 1, "", "p/w")),
    ("REDIS_URL", "rediss://u%40x:p@H/2", Redis("h", 6379, "u@x", "p", 2, tls=True)),
    ("REDIS_URL", "unix://:p@/run/a%20b.sock", Redis(password="p", socket="/run/a b.sock")),
    ("PORT", "1", 1),
    ("PORT", "65535", 65535),
    ("METRICS_PORT", "0", 0),
    ("METRICS_PORT", "65535", 65535),
    ("WORKERS", "1", 1),
    ("TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16 fd00::/8", ("10.0.0.1", "10.1.0.0/16", "fd00::/8")),
    ("STREAMS_TOTAL", "100000", 100_000),
    ("STREAMS_PER_USER", "1", 1),
    ("CHANGES_PER_MINUTE", "1000000", 1_000_000),
    ("LOG_FORMAT", "JSON", "json"),
    ("LOG_LEVEL", "debug", "DEBUG"),
]
BAD = [
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "x" * 31),
    ("SECRET_KEY", f"{KEY},short"),
    ("DATABASE_URL", "mysql://h/board"),
    ("DATABASE_URL", "board.sqlite3"),
    ("DATABASE_URL", "sqlite:///"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "sqlite:///var/board.sqlite3?mode=ro"),
    ("DATABASE_URL", "sqlite:////srv/#1/board.sqlite3"),
    ("DATABASE_URL", "postgresql://u:p@h:port/board"),
    ("DATABASE_URL", "postgresql://u:p@h:99999/board"),
    ("DATABASE_URL", "postgresql://u:p@[h/board"),
    ("DATABASE_URL", "postgresql://u:p@h"),
    ("DATABASE_URL", "postgresql://u:p@h/"),
    ("DATABASE_URL", "postgresql://u:1#p@h/board"),
    ("DATABASE_URL", "postgresql://board:p@ss/w:rd#%@host/board"),
    ("DATABASE_URL", "postgresql://u:p/w@h/board"),
    ("DATABASE_URL", "postgresql://u:p?w@h/board"),
    ("DATABASE_URL", "postgresql://u:p%w@h/board"),
    ("DATABASE_URL", "postgresql://u:p@h,k:0/board"),
    ("DATABASE_URL", "postgresql://u:p@h/board?sslmod=require"),
    ("DATABASE_POOL", "4"),
    ("DATABASE_POOL", "501"),
    ("PUBLIC_URL", "board.example.org"),
    ("PUBLIC_URL", "https://a@h/board"),
    ("PUBLIC_URL", "https://h/board?x=1"),
    ("PUBLIC_URL", "https://h/a//b"),
    ("PUBLIC_URL", "https://h/msgs"),
    ("PUBLIC_URL", "https://h/a/../b"),
    ("PUBLIC_URL", "https://h/."),
    ("PUBLIC_URL", "https://h:0/board"),
    ("PUBLIC_URL", "https://h:65536/board"),
    ("SMTP_URL", "mail.e.org"),
    ("SMTP_URL", "http://h?from=b@e.org"),
    ("SMTP_URL", "smtp://h"),
    ("SMTP_URL", "smtp://?from=b@e.org"),
    ("SMTP_URL", "smtp://h:0?from=b@e.org"),
    ("SMTP_URL", "smtp://h:port?from=b@e.org"),
    ("SMTP_URL", "smtp://h/path?from=b@e.org"),
    ("SMTP_URL", "smtp://h?from=nobody"),
    ("SMTP_URL", "smtp://h?from=b@e.org&starttls=no"),
    ("SMTP_URL", "smtp://user@h?from=b@e.org"),
    ("SMTP_URL", "smtp://user:p#w@h?from=b@e.org"),
    ("SMTP_URL", "smtp://user:p/w@h?from=b@e.org"),
    ("PASSWORD_SIGN_IN", "off"),
    ("REDIS_URL", "h:6379"),
    ("REDIS_URL", "http://h"),
    ("REDIS_URL", "redis://"),
    ("REDIS_URL", "redis://h:0"),
    ("REDIS_URL", "redis://h:port"),
    ("REDIS_URL", "redis://h/name"),
    ("REDIS_URL", "redis://u@h"),
    ("REDIS_URL", "redis://h?ssl_cert_reqs=none"),
    ("REDIS_URL", "redis://:p/w@h"),
    ("REDIS_URL", "redis://:p#w@h"),
    ("REDIS_URL", "unix://run/redis.sock"),
    ("REDIS_URL", "unix://"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "80.0"),
    ("PORT", "-1"),
    ("PORT", "٨٠"),
    ("METRICS_PORT", "8000"),  # as PORT
    ("METRICS_PORT", "65536"),
    ("METRICS_PORT", "no"),
    ("WORKERS", "0"),
    ("WORKERS", "65"),
    ("WORKERS", "two"),
    ("TRUSTED_PROXIES", "*"),
    ("TRUSTED_PROXIES", "nginx"),
    ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ("STREAMS_TOTAL", "0"),
    ("STREAMS_TOTAL", "100001"),
    ("STREAMS_PER_USER", "0"),
    ("CHANGES_PER_MINUTE", "0"),
    ("STREAMS_PER_USER", "1001"),
    ("LOG_FORMAT", "xml"),
    ("LOG_LEVEL", "LOUD"),
]


@pytest.mark.parametrize(("name", "value", "expected"), GOOD)
def test_a_good_value_is_taken(name: str, value: str, expected: Any) -> None:
    assert getattr(read(**{name: value}), ATTRIBUTES[name]) == expected


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_refused_in_one_line(name: str, value: str) -> None:
    (fault,) = faults(**{name: value})
    assert fault.startswith(name)
    assert "\n" not in fault
    assert len(fault) < 400


def test_every_setting_is_tried_with_good_and_bad_values() -> None:
    assert {name for name, *_ in GOOD} == set(ATTRIBUTES)
    assert {name for name, *_ in BAD} == set(ATTRIBUTES) - {"BOARD_NAME", "DATA_DIR", "HOST"}


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
def test_an_empty_value_is_as_good_as_no_value(name: str) -> None:
    if name == "SECRET_KEY":
        assert faults(SECRET_KEY=" ", DATA_DIR="/nowhere")[0].startswith("SECRET_KEY is not set.")
    else:
        assert read(**{name: ""}) == read()


def test_all_faults_are_told_at_once() -> None:
    told = faults(SECRET_KEY="short", PORT="x", LOG_LEVEL="x", DATABASE_URL="x", WORKERS="2")
    assert [fault.split()[0] for fault in told] == [
        *("SECRET_KEY", "DATABASE_URL", "PORT", "LOG_LEVEL")
    ]


def test_sqlite_wants_one_worker() -> None:
    (fault,) = faults(WORKERS="2")
    assert fault == (
        "SQLite serves one worker process: set WORKERS=1, "
        "or set DATABASE_URL to a PostgreSQL database."
    )
    assert read(WORKERS="2", **ON_POSTGRES).workers == 2
    (fault,) = faults(WORKERS="2", DATABASE_URL_FILE="/nowhere")  # may name a PostgreSQL database
    assert fault.startswith("DATABASE_URL_FILE")


def test_what_a_database_address_says_reaches_the_driver() -> None:
    given = "postgresql://u%40x:p%23w@h:1,k:2/my%20board?sslmode=require&options=-c%20geqo%3Doff"
    db.open_database(given)
    used = db.database.obj
    assert used.database == "my board"
    known = {"user": "u@x", "password": "p#w", "host": "h,k", "port": "1,2", "sslmode": "require"}
    assert known.items() <= used.connect_params.items()
    assert used.connect_params["options"].endswith("-c jit=off -c geqo=off")


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        read().port = 1  # ty: ignore[invalid-assignment]


def test_commands_need_no_key() -> None:
    assert read_database_url(ON_POSTGRES) == ON_POSTGRES["DATABASE_URL"]
    assert read_database_url({}) == "sqlite:///var/board.sqlite3"
    with pytest.raises(ConfigError):
        read_database_url({"DATABASE_URL": "mysql://h/board"})
