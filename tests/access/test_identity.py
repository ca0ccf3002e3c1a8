"""Who is asking: proved by a session's cookie, or by any other proof that has a reader."""

import pytest
from starlette.types import Scope

from service.access import guards
from service.access.identity import Identity
from service.access.roles import REFUSED
from tests.people import ONE_DATABASE, PROBLEM, PROGRAM, Person, add_person, cookie_name, token

KEY = {"x-key": "of a bot"}


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch, database: None) -> None:
    """Let a key prove that the bot is asking, and let it read."""
    bot = add_person("bot")
    me = Identity(bot.id, bot.username, "Asia/Tokyo", "", frozenset({"read"}), "bot")

    async def by_key(scope: Scope) -> Identity | None:
        return me if (b"x-key", b"of a bot") in scope["headers"] else None

    monkeypatch.setattr(guards, "READERS", (*guards.READERS, by_key))


@ONE_DATABASE
@pytest.mark.usefixtures("read_only")
def test_what_somebody_may_do_depends_on_what_they_prove(alice: Person, visitor: Person) -> None:
    assert visitor.get("/api/messages", headers=PROGRAM).status_code == 401
    assert visitor.get("/api/messages", headers=PROGRAM | KEY).status_code == 200
    body = {"message": "By a bot"}
    refused = visitor.post("/api/message", json=body, headers=PROGRAM | KEY)
    assert (refused.status_code, refused.headers["content-type"]) == (403, PROBLEM)
    assert refused.json()["detail"] == REFUSED["post"]
    assert alice.post("/api/message", json=body).status_code == 201


@ONE_DATABASE
@pytest.mark.usefixtures("read_only")
def test_no_other_proof_makes_up_for_one_that_is_over(alice: Person, visitor: Person) -> None:
    cookie = {"cookie": f"{cookie_name(alice)}={token(alice)}"}
    headers = PROGRAM | KEY | cookie
    assert visitor.get("/api/messages", headers=headers).status_code == 200
    alice.post("/api/account/sessions/end", headers=PROGRAM)
    assert visitor.get("/api/messages", headers=headers).status_code == 401
