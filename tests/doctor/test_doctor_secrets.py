"""The doctor looks at the secrets: who may read them, and whether they can be guessed."""

import os
import secrets
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.base.config import Settings
from service.doctor import secrets as secrets_check
from tests.patient import Examine
from tests.people import ONE_DATABASE
from tests.servers import KEY


def secret_findings(
    environ: dict[str, str] | None = None,
    secret_keys: tuple[str, ...] = (KEY,),
    database_url: str = "sqlite:///board.sqlite3",
) -> list[str]:
    return list(
        secrets_check.check(
            environ or {}, Settings(secret_keys=secret_keys, database_url=database_url)
        )
    )


@ONE_DATABASE
@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("x" * 40, "it has only 1 different characters"),
        ("abcdefgh-1" * 5, "it repeats itself"),
        ("abcdefghijklmnopqrstuvwxyz0123456789", "its characters follow one another in order"),
        ("9876543210zyxwvutsrqponmlkjihgfedcba", "its characters follow one another in order"),
        ("changeme-CHANGEME-please-secret-key-1", "it is made of words that everybody tries"),
        ("this-is-my-very-secret-key-please-change-it", "it is made of words"),
    ],
)
def test_a_key_that_can_be_guessed(examine: Examine, key: str, why: str) -> None:
    (finding,) = (text for check, text in examine(SECRET_KEY=key) if check == "secrets")
    assert finding.startswith(f"SECRET_KEY: the key can be guessed, {why}")
    assert "make one with" in finding
    assert key not in finding
    (finding,) = (text for _, text in examine(SECRET_KEY=f"{KEY} {key}"))
    assert finding.startswith("SECRET_KEY: key 2 can be guessed")


@ONE_DATABASE
def test_random_keys_are_no_findings(database_url: str) -> None:
    makers = (secrets.token_urlsafe, secrets.token_hex)
    for size in (16, 24, 32, 48):
        keys = {make(size) for make in makers for _ in range(500)}
        assert secret_findings(secret_keys=tuple(key for key in keys if len(key) >= 32)) == []
    assert secret_findings(secret_keys=(f"board-secret-key-{secrets.token_hex(16)}",)) == []


@ONE_DATABASE
def test_the_same_key_twice(examine: Examine, database: None) -> None:
    expected = [("secrets", "SECRET_KEY holds the same key twice: leave one of them out.")]
    assert examine(SECRET_KEY=f"{KEY},{KEY}") == expected


@ONE_DATABASE
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_secret_in_a_file_that_others_can_open(
    examine: Examine, environ: dict[str, str], tmp_path: Path, mode: int
) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL"):
        file = tmp_path / name
        file.write_text(environ[name])
        file.chmod(0o600)
        changed = {name: "", f"{name}_FILE": str(file)}
        assert examine(**changed) == []
        file.chmod(mode)
        ((check, finding),) = examine(**changed)
        assert check == "secrets"
        assert finding.startswith(f"{name}_FILE: {file} is open to others than its owner")
        assert finding.endswith(f"run `chmod 600 {file}`.")


@ONE_DATABASE
def test_a_secret_that_init_made_and_others_can_open(examine: Examine, tmp_path: Path) -> None:
    file = tmp_path / "secret-key"
    file.write_text(KEY)
    file.chmod(0o600)
    changed = {"SECRET_KEY": "", "DATA_DIR": str(tmp_path)}
    assert examine(**changed) == []
    file.chmod(0o644)
    ((check, finding),) = examine(**changed)
    assert check == "secrets"
    assert finding.startswith(f"SECRET_KEY: {file} is open to others than its owner")


@ONE_DATABASE
def test_a_secret_that_a_container_is_given_is_not_blamed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text(KEY)
    file.chmod(0o444)
    assert len(secret_findings({"SECRET_KEY_FILE": str(file)})) == 1
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))
    assert secret_findings({"SECRET_KEY_FILE": str(file)}) == []


@ONE_DATABASE
def test_a_password_that_can_be_guessed(database_url: str) -> None:
    for login in ("alice:alice", "alice:ALICE", "alice:postgres", "alice:board1", "alice:12345"):
        for host in ("db", "10.0.0.1:5432", "127.0.0.1"):
            (finding,) = secret_findings(database_url=f"postgresql://{login}@{host}/board")
            assert finding.startswith("DATABASE_URL: the password can be guessed")
    for url in (
        "postgresql://alice:7Jx-board-lQ2@db/board",
        "postgresql://alice:alice@/board?host=/run/postgresql",
        "postgresql://alice@db/board",
        "postgresql:///board",
        "sqlite:///alice:alice@db/board",
    ):
        assert secret_findings(database_url=url) == []
