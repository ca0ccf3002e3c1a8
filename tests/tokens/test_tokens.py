"""One's own tokens: made, listed, revoked; on the page, by programs and by the command."""

import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from service import cli
from service.access import audit
from service.access.audit import OPERATOR, Actor, Someone
from service.accounts import accounts
from service.accounts.accounts import Account
from service.base import clock
from service.base.errors import Conflict, Invalid
from service.data import db
from service.data.tables import ApiToken, AuditEntry
from service.people import people
from service.resets import resets
from service.tokens import tokens
from service.tokens.terms import Terms
from tests.people import (
    HTMX,
    ONE_DATABASE,
    PAGE,
    PASSWORD,
    PROBLEM,
    PROGRAM,
    Person,
    SignIn,
    add_bot,
    add_person,
)

FORM = {"name": "Notes", "scopes": "read post", "days": "30"}
FULL = re.compile("brd_[0-9a-f]{40}")


def listed(person: Person) -> list[dict[str, object]]:
    return person.get("/account/tokens", headers=PROGRAM).json()["tokens"]


def noted() -> list[tuple[str, str, str]]:
    """Return who did what to whom of all that was done to tokens."""
    with db.read():
        rows = AuditEntry.select().where(AuditEntry.action.startswith("token."))
        return [(row.actor, row.action, row.target) for row in rows.order_by(AuditEntry.id)]


def test_a_token_is_shown_once_and_is_listed_by_how_it_begins(
    alice: Person, visitor: Person
) -> None:
    made = alice.post("/api/account/tokens", data=FORM, headers=PAGE)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    (secret,) = set(FULL.findall(made.text))
    page = alice.get("/account/tokens", headers=PAGE).text
    assert FULL.findall(page) == []
    assert f"{secret[:10]}…" in page
    (one,) = listed(alice)
    assert (one["name"], one["scopes"], one["state"]) == ("Notes", ["read", "post"], "open")
    bearer = {"authorization": f"Bearer {secret}"}
    body = {"message": "By a program"}
    assert visitor.post("/api/message", json=body, headers=bearer).status_code == 201
    answer = alice.post(f"/api/account/tokens/{one['id']}/revoke", headers=PAGE)
    assert answer.headers["location"] == "/account/tokens?done=revoked"
    gone = visitor.get("/api/messages", headers=bearer)
    assert gone.status_code == 401
    assert listed(alice)[0]["state"] == "revoked"
    assert noted() == [("alice", "token.made", ""), ("alice", "token.revoked", "")]
    with db.read():
        kept = str([*ApiToken.select().dicts(), *AuditEntry.select().dicts()])
    assert secret[10:] not in kept


@ONE_DATABASE
@pytest.mark.parametrize("headers", [PAGE, HTMX, PROGRAM], ids=["page", "htmx", "program"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", " "), ("name", "x" * 51), ("scopes", ""), ("scopes", "read manage")),
        *(("scopes", "moderate"), ("days", "0"), ("days", "366"), ("days", "some")),
    ],
)
def test_what_can_not_be_is_said_and_the_rest_is_kept(
    alice: Person, headers: dict[str, str], field: str, value: str
) -> None:
    refused = alice.post("/api/account/tokens", data=FORM | {field: value}, headers=headers)
    assert refused.status_code == 422
    if headers == PROGRAM:
        assert list(refused.json()["errors"]) == [field]
        assert refused.headers["content-type"] == PROBLEM
    else:
        assert f'id="{field}-error"' in refused.text
        assert ('value="30"' in refused.text) == (field != "days")
    assert listed(alice) == []


@ONE_DATABASE
@pytest.mark.parametrize(
    ("role", "given"),
    [
        ("guest", {"read"}),
        ("member", {"read", "post"}),
        ("moderator", {"read", "post", "moderate"}),
        ("admin", {"read", "post", "moderate"}),
    ],
)
def test_nobody_gives_a_token_what_they_may_not_do(
    sign_in: SignIn, role: str, given: set[str]
) -> None:
    person = sign_in("somebody", role=role)
    made = {
        scope
        for scope in ("read", "post", "moderate")
        if person.post("/api/account/tokens", json=FORM | {"scopes": scope}).is_success
    }
    assert made == given
    offered = re.findall(r'name="scopes" value="([^"]+)"', person.get("/account/tokens").text)
    assert set(" ".join(offered).split()) == given


@ONE_DATABASE
def test_to_make_one_confirms_first_and_to_revoke_one_does_not(
    alice: Person, later: Callable[..., None]
) -> None:
    token = alice.post("/api/account/tokens", json=FORM).json()
    later(minutes=11)
    asked = alice.post("/api/account/tokens", data=FORM, headers=PAGE)
    assert asked.status_code == 403
    assert all(f'name="{name}" value="{text}"' in asked.text for name, text in FORM.items())
    revoke = f"/api/account/tokens/{token['id']}/revoke"
    assert alice.post(revoke, json={}).json() == {"revoked": token["id"]}


def test_nobody_revokes_what_is_anothers(alice: Person, bob: Person) -> None:
    token = alice.post("/api/account/tokens", json=FORM).json()
    assert bob.post(f"/api/account/tokens/{token['id']}/revoke", json={}).status_code == 404
    assert listed(bob) == []
    assert listed(alice)[0]["state"] == "open"


def test_no_user_has_more_than_their_share(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_OPEN", 2)
    first, *_ = [tokens.make(OPERATOR, account.id, Terms("One", ("read",)))[0] for _ in range(2)]
    with pytest.raises(Conflict):
        tokens.make(OPERATOR, account.id, Terms("One", ("read",)))
    tokens.revoke(OPERATOR, first.id)
    tokens.make(OPERATOR, account.id, Terms("One", ("read",)))
    assert tokens.count(account.id) == 2


@ONE_DATABASE
def test_what_ended_long_ago_is_forgotten(account: Account, later: Callable[..., None]) -> None:
    kept, short = (
        tokens.make(OPERATOR, account.id, Terms(f"{days}", ("read",), days))[0] for days in (90, 1)
    )
    assert tokens.listed(account.id) == [short, kept]
    later(days=32)
    newest, _ = tokens.make(OPERATOR, account.id, Terms("New", ("read",)))
    assert [each.id for each in tokens.listed(account.id)] == [newest.id, kept.id]


ENDS: dict[str, Callable[[Account, Actor], object]] = {
    "by a reset link": lambda account, by: resets.use(
        resets.make(by, account.id).code, account.password_hash, ""
    ),
    "by the command": lambda account, by: accounts.reset_password(account.id, "a new one indeed"),
    "by an admin everywhere": lambda account, by: people.end_sessions(by, account.id),
}


@pytest.mark.parametrize("end", ENDS)
def test_whose_account_was_lost_has_no_token_left(account: Account, end: str) -> None:
    ada = add_person("ada", "admin")
    tokens.make(OPERATOR, account.id, Terms("One", ("read",)))
    ENDS[end](account, Actor(Someone(ada.id, "ada")))
    assert [each.state for each in tokens.listed(account.id)] == ["revoked"]
    assert [action for _, action, _ in noted()] == ["token.made", "token.revoked"]


@ONE_DATABASE
def test_a_new_password_of_ones_own_leaves_them(alice: Person) -> None:
    alice.post("/api/account/tokens", json=FORM)
    form = {"current_password": PASSWORD, "new_password": "a new one indeed"}
    assert alice.post("/api/account/password", json=form).status_code == 200
    assert listed(alice)[0]["state"] == "open"


@ONE_DATABASE
def test_an_admin_sees_how_many_somebody_has(admin: Person, moderator: Person) -> None:
    account = add_person("alice")
    tokens.make(OPERATOR, account.id, Terms("Secret plans", ("read",)))
    page = admin.get(f"/admin/people/{account.id}", headers=PAGE).text
    assert ("1 token for programs" in page, "Secret plans" in page) == (True, False)
    assert "token" not in moderator.get(f"/admin/people/{account.id}", headers=PAGE).text


@pytest.fixture
def command(database: None, database_url: str) -> Callable[..., Result]:
    def run(*arguments: str) -> Result:
        environ = {"DATABASE_URL": database_url}
        done = CliRunner().invoke(cli.main, ["token", *arguments], env=environ)
        db.open_database(database_url)
        return done

    return run


def test_the_command_makes_lists_and_revokes(command: Callable[..., Result]) -> None:
    bot = add_bot("bot", add_person("olga", "admin"))
    made = command("add", "bot", "Builds", "--scopes", "read,moderate", "--days", "7")
    assert FULL.fullmatch(made.stdout.strip()), made.output
    (token,) = tokens.listed(bot.id)
    assert (token.name, token.scopes) == ("Builds", ("read", "moderate"))
    until = f"{clock.utc(token.expires_at)[:16]}Z"
    told = ("1", token.prefix, "open", "read,moderate", until, "never", "Builds")
    assert command("list", "bot").stdout == "\t".join(told) + "\n"
    assert command("revoke", "1").stdout == f"Token 1, {token.prefix}…, is revoked.\n"
    assert "There is no token 1 that works." in command("revoke", "1").stderr
    assert "Choose one or several" in command("add", "bot", "Builds", "--scopes", "all").stderr
    assert noted() == [("operator", "token.made", "bot"), ("operator", "token.revoked", "bot")]
    with pytest.raises(Invalid):
        tokens.make(audit.OPERATOR, add_person("gus", "guest").id, Terms("No", ("post",)))
