"""Programs that ask by a token: whose it is, what it is worth, and what becomes of wrong ones."""

import json
import logging
from collections.abc import Collection

import httpx2
import pytest

from service.access import api_tokens, bearer
from service.access.audit import OPERATOR
from service.accounts.accounts import Account
from service.data import db
from service.data.tables import ApiToken, AuditEntry, Session
from service.people import people
from service.tokens import tokens
from tests import people as proofs
from tests.people import (
    ONE_DATABASE,
    PAGE,
    PROBLEM,
    PROGRAM,
    Person,
    add_bot,
    add_person,
    cookie_name,
    full_disk,
    give_role,
    post,
    texts,
    token,
)
from tests.servers import within
from tests.tokens.ends import ENDS, revoke

WRONG = {"authorization": f"Bearer brd_{'0' * 40}"}
REFUSED = 'Bearer error="invalid_token"'


@pytest.fixture
def program(visitor: Person, account: Account) -> Person:
    """Return what reads and posts for Alice by a token."""
    visitor.headers |= proofs.bearer(account)
    return visitor


@pytest.fixture(autouse=True)
def asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a process trust what it knows for no time."""
    monkeypatch.setattr(bearer, "TRUSTED_FOR", -1.0)


def asked(program: Person) -> httpx2.Response:
    return program.get("/api/messages")


def test_a_program_reads_and_posts_as_its_user_and_is_given_no_session(program: Person) -> None:
    answer = program.post("/api/message", data={"message": "By a program"})
    assert (answer.status_code, answer.json()["author"]) == (201, "alice")
    assert [each["text"] for each in asked(program).json()["messages"]] == ["By a program"]
    assert (dict(program.cookies), answer.headers["cache-control"]) == ({}, "no-store")
    with db.read():
        assert Session.select().count() == 0


@ONE_DATABASE
def test_what_is_posted_twice_by_a_program_is_there_once(program: Person) -> None:
    first = post(program, "Once", client_key="a-key")
    assert post(program, "Once", client_key="a-key") == first
    assert program.post("/api/message", json={"message": "", "client_key": ""}).status_code == 422
    assert texts(program) == ["Once"]


@pytest.mark.parametrize("end", ENDS)
def test_a_token_that_works_no_more_is_refused(program: Person, account: Account, end: str) -> None:
    assert asked(program).status_code == 200
    ENDS[end](account)
    refused = asked(program)
    assert (refused.status_code, refused.headers["content-type"]) == (401, PROBLEM)
    assert refused.headers["www-authenticate"] == REFUSED
    assert refused.json()["title"] == "This token does not work"


def test_a_bots_token_ends_with_its_owner(visitor: Person) -> None:
    olga = add_person("olga")
    visitor.headers |= proofs.bearer(add_bot("bot", olga))
    assert asked(visitor).status_code == 200
    people.disable(OPERATOR, olga.id)
    assert asked(visitor).status_code == 401


@ONE_DATABASE
def test_a_token_may_what_it_is_for_and_its_user_still_may(visitor: Person) -> None:
    mo = add_person("mo", "moderator")
    visitor.headers |= proofs.bearer(mo, "post", "moderate")
    refused = asked(visitor)
    assert refused.json()["detail"] == "The token does not have the scope read."
    wanted = 'Bearer error="insufficient_scope", scope="read"'
    assert (refused.status_code, refused.headers["www-authenticate"]) == (403, wanted)
    assert post(visitor, "Unread")["author"] == "mo"
    give_role("mo", "guest")
    assert visitor.post("/api/message", json={"message": "No"}).status_code == 403


@ONE_DATABASE
def test_what_a_program_removes_and_asks_for_names_its_token(
    visitor: Person, bob: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "service.access")
    mo = add_person("mo", "moderator")
    number = post(bob, "Not here")["id"]
    visitor.headers |= proofs.bearer(mo, "moderate")
    assert visitor.post(f"/api/message/{number}/deletion").is_success
    (made,) = tokens.listed(mo.id)
    with db.read():
        entry = AuditEntry.get(AuditEntry.action == "message.removed")
    assert (entry.actor, json.loads(entry.detail)["token_id"]) == ("mo", made.id)
    lines = [vars(each) for each in caplog.records if each.name == "service.access"]
    assert [line.get("token_id") for line in lines[-2:]] == [None, made.id]


@ONE_DATABASE
@pytest.mark.parametrize(
    "sent",
    ["Bearer", "Bearer ", "bearer junk", "Bearer brd_0", f"Bearer brd_{'0' * 40}", "BEARER x"],
)
def test_a_token_of_no_worth_is_refused_whatever_else_came(alice: Person, sent: str) -> None:
    for path in ("/api/messages", "/msgs"):
        answer = alice.get(path, headers=PAGE | {"authorization": sent})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, REFUSED)
        assert "set-cookie" not in answer.headers


@ONE_DATABASE
def test_two_tokens_are_none(program: Person) -> None:
    sent = ("authorization", program.headers["authorization"])
    answer = program.get("/api/messages", headers=httpx2.Headers([sent, sent]))
    assert answer.status_code == 401


@ONE_DATABASE
def test_what_another_proof_needs_in_the_header_is_passed_over(alice: Person) -> None:
    assert alice.get("/api/messages", headers=PROGRAM | {"authorization": "Basic YTpi"}).is_success


@ONE_DATABASE
def test_a_working_token_goes_before_a_session(program: Person, bob: Person) -> None:
    cookie = {"cookie": f"{cookie_name(bob)}={token(bob)}"}
    answer = program.post("/api/message", data={"message": "Hi"}, headers=cookie)
    assert (answer.json()["author"], "set-cookie" in answer.headers) == ("alice", False)


def test_guesses_are_slowed_down_and_a_working_token_never_is(
    program: Person, account: Account
) -> None:
    statuses = [program.get("/api/messages", headers=WRONG).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert asked(program).status_code == 200
    again = proofs.bearer(account)
    revoke(account)
    for _ in range(7):  # nobody guesses by a token that was one
        assert program.get("/api/messages", headers=again).status_code == 401


def test_no_token_is_kept_or_told(
    program: Person, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with db.read():
        rows = [row.__data__ for row in ApiToken.select()]
    (secret,) = (program.headers["authorization"].split()[1],)
    asked(program)
    revoke(account)
    answer = asked(program)
    told = [caplog.text, str([vars(record) for record in caplog.records]), answer.text, str(rows)]
    assert not [each for each in told if secret[len(api_tokens.MARK) :] in each]
    assert "token refused" in caplog.text


def test_the_last_use_is_noted_once_a_minute(
    program: Person, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[Collection[int]] = []
    monkeypatch.setattr(api_tokens, "note_use", noted.append)
    for _ in range(3):
        assert asked(program).status_code == 200
    within(5, lambda: noted == [{tokens.listed(account.id)[0].id}])
    monkeypatch.undo()
    with db.write():
        api_tokens.note_use(noted[0])
    assert tokens.listed(account.id)[0].used_at


def test_whoever_only_reads_needs_no_room_on_the_disk(
    program: Person, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    with full_disk():
        assert asked(program).status_code == 200
        within(5, lambda: "a token's use was not noted" in caplog.text)
    assert tokens.listed(account.id)[0].used_at is None
