"""What else people prove who they are with: tokens, second factors, passkeys; and bots.

New tables alone: the release before goes on without them.
"""

from typing import Any

from peewee import Database, SqliteDatabase

TABLES = (
    """CREATE TABLE bots (
        user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
        owner_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created_at {moment} NOT NULL
    )""",
    "CREATE INDEX bots_owner ON bots (owner_id)",
    """CREATE TABLE api_tokens (
        id {serial} PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name VARCHAR(50) NOT NULL,
        prefix VARCHAR(12) NOT NULL,
        token_hash VARCHAR(64) NOT NULL UNIQUE,
        scopes VARCHAR(50) NOT NULL,
        created_at {moment} NOT NULL,
        expires_at {moment} NOT NULL,
        used_at {moment},
        revoked_at {moment}
    )""",
    "CREATE INDEX api_tokens_user ON api_tokens (user_id)",
    """CREATE TABLE second_factors (
        user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
        totp_secret VARCHAR(500),
        totp_step BIGINT,
        set_up_at {moment},
        failures INTEGER NOT NULL DEFAULT 0,
        locked_until {moment}
    )""",
    """CREATE TABLE recovery_codes (
        code_hash VARCHAR(64) NOT NULL PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        used_at {moment}
    )""",
    "CREATE INDEX recovery_codes_user ON recovery_codes (user_id)",
    """CREATE TABLE passkeys (
        id {serial} PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        id_hash VARCHAR(64) NOT NULL UNIQUE,
        credential VARCHAR(3000) NOT NULL,
        user_handle VARCHAR(64) NOT NULL,
        name VARCHAR(50) NOT NULL,
        rp_id VARCHAR(253) NOT NULL,
        sign_count BIGINT NOT NULL,
        backed_up BOOLEAN NOT NULL,
        created_at {moment} NOT NULL,
        used_at {moment}
    )""",
    "CREATE INDEX passkeys_user ON passkeys (user_id)",
)
SQLITE = {"moment": "DATETIME", "serial": "INTEGER NOT NULL"}
POSTGRESQL = {"moment": "timestamp", "serial": "serial NOT NULL"}


def up(_migrator: Any, db: Database) -> None:
    words = SQLITE if isinstance(db, SqliteDatabase) else POSTGRESQL
    for statement in TABLES:
        db.execute_sql(statement.format(**words))
