"""Tokens: signed with a key of ours, or worth nothing."""

import secrets
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.testclient import TestClient

from service.access import places, sessions, tokens
from service.accounts import accounts
from service.app import create_app
from service.base.config import Settings
from tests.access.keys import KEY, NAME
from tests.people import (
    PROGRAM,
    Person,
    SignIn,
    token,
)


def test_passwords_are_hashed_with_argon2id_at_the_documented_cost() -> None:
    assert tokens.NO_PASSWORD.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_rotated_key_still_verifies_and_a_dropped_one_does_not(
    account: accounts.Account, settings: Settings
) -> None:
    claims = sessions.start(account.id, account.password_hash, "UTC", "A test")
    cookie = f"{NAME}={tokens.Signer((KEY,)).sign(claims)}"
    new = secrets.token_urlsafe(48)
    for keys, status in (((new, KEY), 200), ((new,), 401)):
        rotated = Settings(secret_keys=keys, database_url=settings.database_url)
        with TestClient(create_app(rotated), base_url="http://board.test") as client:
            answer = client.get("/api/messages", headers=PROGRAM | {"cookie": cookie})
            assert answer.status_code == status


def test_a_forged_token_is_refused(sign_in: SignIn, visitor: Person) -> None:
    mine = token(sign_in("alice"))
    claims = jwt.decode(mine, OctKey.import_key(KEY)).claims
    head, body, signature = mine.split(".")

    def signed(key: str = KEY, alg: str = "HS256", **changes: Any) -> str:
        kept = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode({"alg": alg}, kept, OctKey.import_key(key), algorithms=[alg])

    none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    refused = [
        *("", "x", "a.b.c", "é.è.à", "." * 9000, f"{head}.{body}.", f"{none}.{body}."),
        f"{none}.{body}.{signature}",
        f"{head}.{body[:-2]}.{signature}",
        signed(key=secrets.token_urlsafe(48)),
        *(signed(alg="HS384"), signed(alg="HS512")),
        *(signed(aud="another"), signed(aud=None), signed(sub="x"), signed(sid=None)),
        signed(iat=None),
    ]
    for forged in refused:
        cookie = [(b"cookie", f"{NAME}={forged}".encode()), (b"accept", b"application/json")]
        answer = visitor.get("/msgs", headers=cookie)
        assert answer.status_code == 401, forged
    for good in (signed(), signed(iat=claims["iat"] + 60)):  # another machine's clock is ahead
        accepted = visitor.get("/msgs", headers=PROGRAM | {"cookie": f"{NAME}={good}"})
        assert accepted.status_code == 200


def test_what_was_signed_for_something_else_is_no_session(
    account: accounts.Account, visitor: Person
) -> None:
    signer = tokens.Signer((KEY,))
    device = places.new_device(account.id, account.password_hash)
    me = sessions.start(account.id, account.password_hash, "UTC", "A test")
    for signed, status in ((places.sign_device(signer, device), 401), (signer.sign(me), 200)):
        sent = PROGRAM | {"cookie": f"{NAME}={signed}"}
        assert visitor.get("/api/messages", headers=sent).status_code == status
    assert places.read_device(signer, signer.sign(me)) is None
