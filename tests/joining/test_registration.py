"""Registration by oneself, to be let in by somebody: it tells nobody of others."""

from collections.abc import Callable
from typing import Any

import pytest

from service.access import audit, options, tokens
from service.accounts import accounts, sign_in
from service.data import db
from service.data.tables import AuditEntry, User
from service.joining import registration
from service.joining.registration_routes import WAITING
from service.people import people
from tests.people import HTMX, ONE_DATABASE, PAGE, PROGRAM, Person, add_person, is_signed_in, log_in

ASKED = {"username": "Dora", "password": "correct horse battery", "note": "From the choir"}


def let(mode: str, domains: str = "") -> None:
    """Let people register in that way."""
    with db.write():
        options.set_all(audit.OPERATOR, {"registration": mode, "domains": domains})


def register(person: Person, **fields: str) -> int:
    return person.post("/api/register", json=ASKED | fields).status_code


def newest() -> accounts.Account:
    with db.read():
        row = User.select().order_by(User.id.desc()).first()
        return accounts.Account.of(row)


@pytest.fixture
def by_approval(database: None) -> None:
    add_person("olga")
    let("approval")


@pytest.mark.parametrize("mode", ["off", "invite"])
def test_where_nobody_registers_the_page_says_so(visitor: Person, mode: str) -> None:
    add_person("olga")
    let(mode)
    page = visitor.get("/register", headers=PAGE)
    assert (page.status_code, "<form" in page.text) == (200, False)
    assert registration.REFUSED[mode] in page.text
    answer = visitor.post("/api/register", json=ASKED)
    assert (answer.status_code, answer.json()["detail"]) == (404, registration.REFUSED[mode])
    assert "/register" not in visitor.get("/", headers=PAGE).text


@pytest.mark.usefixtures("by_approval")
def test_somebody_registers_waits_and_is_let_in(visitor: Person, admin: Person) -> None:
    assert "/register" in visitor.get("/", headers=PAGE).text
    assert "for whoever lets you in" in visitor.get("/register", headers=PAGE).text
    answer = visitor.post("/api/register", data=ASKED, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/register?done=waiting")
    assert WAITING in visitor.get("/register?done=waiting", headers=PAGE).text
    refused = log_in(visitor, "dora")
    assert (refused.status_code, refused.json()["detail"]) == (401, sign_in.WAITING)
    assert log_in(visitor, "dora", "another password").json()["detail"] == sign_in.WRONG
    waiting = newest()
    assert (waiting.wanted_name, waiting.note) == ("Dora", "From the choir")
    assert waiting.state == "pending"
    people.approve(audit.OPERATOR, waiting.id)
    assert log_in(visitor, "dora").status_code == 200
    assert is_signed_in(visitor)
    with db.read():
        noted = [(row.actor, row.target, row.action) for row in AuditEntry.select()]
    assert ("Dora", "", "user.registered") in noted
    assert ("operator", "Dora", "user.approved") in noted


@pytest.mark.usefixtures("by_approval")
@pytest.mark.parametrize("headers", [PAGE, HTMX, PROGRAM], ids=["page", "htmx", "program"])
def test_a_name_that_is_taken_is_answered_as_one_that_is_free(
    visitor: Person, headers: dict[str, str]
) -> None:
    add_person("alice")
    answers = []
    for name in ("Alice", "nobody"):
        fields = ASKED | {"username": name, "email": "a@example.org"}
        done = visitor.post("/api/register", data=fields, headers=headers)
        tried = visitor.post(
            "/api/login",
            data={"username": name, "password": ASKED["password"] + " of Dora"},
            headers=PROGRAM,
        )
        said = tried.json() | {"request_id": ""}
        answers.append((done.status_code, done.text, done.headers.get("location"), said))
    assert answers[0] == answers[1]
    assert answers[0][0] in {200, 303}


@pytest.mark.usefixtures("by_approval")
def test_whoever_waits_under_a_name_of_another_is_told_the_same(visitor: Person) -> None:
    add_person("alice")
    for name in ("alice", "dora"):
        assert register(visitor, username=name, password="a quite unusual one") == 200
        answer = log_in(visitor, name, "a quite unusual one")
        assert answer.json()["detail"] == sign_in.WAITING
    assert log_in(visitor, "alice").status_code == 200


@pytest.mark.usefixtures("by_approval")
def test_it_takes_no_longer_to_refuse_a_name_under_which_somebody_waits(
    visitor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert register(visitor) == 200
    verified: list[str] = []
    verify = tokens._hasher.verify
    monkeypatch.setattr(
        tokens._hasher, "verify", lambda word, hash: verified.append(hash) or verify(word, hash)
    )
    for name in ("dora", "nobody"):
        log_in(visitor, name, "another password")
    assert verified == [
        *(tokens.NO_PASSWORD, newest().password_hash),
        *(tokens.NO_PASSWORD, tokens.NO_PASSWORD),
    ]


@pytest.mark.usefixtures("by_approval")
def test_whoever_lets_in_learns_that_a_name_is_taken_and_gives_another(
    visitor: Person, moderator: Person, put: list[Callable[[], Any]]
) -> None:
    add_person("alice")
    assert register(visitor, username="ALICE", email="alice@example.net") == 200
    waiting = newest().id
    found = moderator.get("/admin/people?q=alic", headers=PAGE).text
    assert found.count("/admin/people/") >= 2
    page = moderator.get(f"/admin/people/{waiting}", headers=PAGE).text
    assert 'value="ALICE"' in page
    assert "From the choir" in page
    path = f"/api/admin/people/{waiting}/approve"
    for name in ("", "a1ice"):
        answer = moderator.post(path, data={"username": name}, headers=PAGE)
        assert answer.status_code == 422
        assert "There is somebody named alice already" in answer.text
        assert f'value="{name or "ALICE"}"' in answer.text
    assert len(put) == 1  # which tells admins
    done = moderator.post(path, json={"username": " Alice B "})
    assert (done.status_code, newest().username, newest().state) == (200, "Alice B", "active")
    assert newest().note is None
    mail = put[1]()
    assert (mail.to, "Sign in as Alice B" in mail.text) == ("alice@example.net", True)
    assert log_in(visitor, "alice b").status_code == 200


@ONE_DATABASE
@pytest.mark.usefixtures("by_approval")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "x" * 51),
        ("password", "password"),
        ("email", "no address"),
        ("note", "x" * 201),
    ],
)
def test_what_can_not_be_taken_comes_back_beside_its_field(
    visitor: Person, field: str, value: str
) -> None:
    answer = visitor.post("/api/register", data=ASKED | {field: value}, headers=PAGE)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert ("From the choir" in answer.text) == (field != "note")
    assert ASKED["password"] not in answer.text
    assert len(accounts.everyone()) == 1


@pytest.mark.usefixtures("by_approval")
def test_a_crowd_is_kept_out(visitor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registration, "MOST_WAITING", 2)
    assert [register(visitor, username=f"Dora {n}") for n in range(3)] == [200, 200, 429]
    assert len(accounts.everyone()) == 1 + 2
    # Of one network only so many are looked at, however they look.
    assert [register(visitor, username="x" * 51) for _ in range(3)] == [422, 422, 429]


@pytest.mark.usefixtures("by_approval")
def test_whoever_is_signed_in_has_an_account(alice: Person) -> None:
    answer = alice.get("/register", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/msgs")


def test_the_first_of_a_board_is_its_admin_and_registers_with_nobody(visitor: Person) -> None:
    let("approval")
    answer = visitor.post("/api/register", json=ASKED)
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "Nobody has set this board up yet.",
    )
    assert accounts.everyone() == []
