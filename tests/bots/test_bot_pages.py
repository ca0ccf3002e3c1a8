"""The pages of bots: admins make them, owners look after their tokens."""

import re

import pytest

from service.access.audit import OPERATOR
from service.accounts import accounts
from service.accounts.accounts import Account
from service.bots import bots
from service.people import people
from tests.people import HTMX, PAGE, PROBLEM, PROGRAM, Person, add_bot, give_role, listed, texts

NEW = {"username": "deploys", "owner": "alice", "display_name": "Deploys"}
TOKEN = {"name": "Releases", "scopes": "read post"}


def id_of(name: str) -> int:
    account = accounts.find(name)
    assert account
    return account.id


@pytest.fixture
def bot(alice: Person) -> Account:
    """Alice's bot."""
    return add_bot("deploys", accounts.get(id_of("alice")))


def token_of(person: Person, bot: Account, **more: str) -> str:
    """Make a token for a bot, as a program does."""
    answer = person.post(f"/api/bots/{bot.id}/tokens", json=TOKEN | more)
    assert answer.status_code == 201, answer.text
    return answer.json()["token"]


def bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_an_admin_makes_a_bot_for_somebody(admin: Person, alice: Person) -> None:
    assert 'value="ada"' in admin.get("/admin/bots").text  # whoever makes it
    made = admin.post("/api/admin/bots", data=NEW, headers=PAGE)
    at = f"/bots/{id_of('deploys')}"
    assert (made.status_code, made.headers["location"]) == (303, f"{at}?done=made")
    page = admin.get(f"{at}?done=made").text
    assert "The bot is made." in page
    assert "<dd>alice</dd>" in page
    (told,) = admin.get("/admin/bots", headers=PROGRAM).json()["bots"]
    assert told == {
        "id": id_of("deploys"),
        "username": "deploys",
        "display_name": "Deploys",
        "owner": "alice",
        "works": True,
        "used_at": None,
    }
    assert alice.get("/account/bots", headers=PROGRAM).json()["bots"] == [told]
    assert "/account/bots" in alice.get("/account").text
    assert "/account/bots" not in admin.get("/account").text


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"owner": "nobody"}, 422, "There is nobody of that name who can sign in."),
        ({"owner": "deploys"}, 422, "There is nobody of that name who can sign in."),
        ({"username": "Board"}, 422, "the board&#39;s own name"),
        ({"username": "DEPL0YS"}, 409, "There is a user named deploys already"),
    ],
)
def test_what_is_wrong_with_a_bot_is_said_and_nothing_is_lost(
    admin: Person, wrong: dict[str, str], status: int, words: str
) -> None:
    sent = NEW | {"username": "another"} | wrong
    page = admin.post("/api/admin/bots", data=sent, headers=PAGE)
    assert (page.status_code, words in page.text) == (status, True)
    for text in sent.values():
        assert f'value="{text}"' in page.text
    program = admin.post("/api/admin/bots", json=sent, headers=PROGRAM)
    assert (program.status_code, program.headers["content-type"]) == (status, PROBLEM)


def test_its_owner_makes_and_revokes_its_tokens(
    alice: Person, bob: Person, visitor: Person, bot: Account
) -> None:
    page = alice.post(f"/api/bots/{bot.id}/tokens", data=TOKEN, headers=PAGE)
    assert page.status_code == 201
    (token,) = re.findall(r"brd_[0-9a-f]{40}", page.text)
    assert "no-store" in page.headers["cache-control"]
    assert token not in alice.get(f"/bots/{bot.id}").text
    posted = visitor.post("/api/message", json={"message": "Done"}, headers=bearing(token)).json()
    assert (posted["author"], posted["bot"]) == ("deploys", True)
    told = alice.get(f"/bots/{bot.id}", headers=PROGRAM).json()
    (listed_token,) = told["tokens"]
    path = f"/api/bots/tokens/{listed_token['id']}/revoke"
    assert bob.post(path, headers=PROGRAM).status_code == 404
    assert alice.post(path, headers=PAGE).headers["location"] == f"/bots/{bot.id}?done=revoked"
    refused = visitor.get("/api/messages", headers=bearing(token))
    assert refused.status_code == 401


def test_nobody_makes_a_token_of_another_or_of_a_person(
    alice: Person, bob: Person, admin: Person, bot: Account
) -> None:
    for person, whom in ((bob, bot.id), (admin, id_of("bob")), (alice, id_of("alice"))):
        for headers in (PAGE, HTMX, PROGRAM):
            answer = person.post(f"/api/bots/{whom}/tokens", json=TOKEN, headers=headers)
            assert answer.status_code == 404
    assert bots.one(id_of("ada"), bot.id)
    token_of(admin, bot)


def test_no_token_goes_beyond_what_its_owner_may(alice: Person, bot: Account) -> None:
    sent = TOKEN | {"scopes": "read post moderate"}
    refused = alice.post(f"/api/bots/{bot.id}/tokens", json=sent, headers=PROGRAM)
    assert refused.json()["errors"] == {"scopes": "The role of its owner does not allow: moderate."}
    assert 'value="read post moderate"' not in alice.get(f"/bots/{bot.id}").text
    give_role("alice", "moderator")
    token_of(alice, bot, **sent)


def test_a_token_is_worth_what_owner_and_bot_may_by_now(
    alice: Person, admin: Person, visitor: Person, bot: Account
) -> None:
    headers = bearing(token_of(alice, bot))
    hello = {"message": "Hello"}
    assert visitor.post("/api/message", json=hello, headers=headers).status_code == 201
    role = {"role": "guest"}
    assert admin.post(f"/api/admin/people/{id_of('alice')}/role", json=role).is_success
    assert visitor.post("/api/message", json=hello, headers=headers).status_code == 403
    people.disable(OPERATOR, id_of("alice"))
    assert visitor.post("/api/message", json=hello, headers=headers).status_code == 401
    assert texts(admin) == ["Hello"]


def test_another_name_or_owner_is_given_on_its_page(
    admin: Person, bob: Person, bot: Account
) -> None:
    sent = {"owner": "bob", "display_name": "Robot"}
    changed = admin.post(f"/api/bots/{bot.id}", data=sent, headers=PAGE)
    assert changed.headers["location"] == f"/bots/{bot.id}?done=changed"
    assert "Robot" in bob.get(f"/bots/{bot.id}").text
    refused = admin.post(f"/api/bots/{bot.id}", data=sent | {"owner": "deploys"}, headers=PAGE)
    assert (refused.status_code, 'aria-invalid="true"' in refused.text) == (422, True)
    assert bob.post(f"/api/bots/{bot.id}", json=sent, headers=PROGRAM).status_code == 403


def test_people_pages_show_a_bot_as_one(admin: Person, bot: Account) -> None:
    page = admin.get(f"/admin/people/{bot.id}").text
    assert f'href="/bots/{bot.id}"' in page
    token_of(admin, bot)
    assert "Revoke the tokens</button>" in admin.get(f"/admin/people/{bot.id}").text
    assert "None of its tokens works" in admin.get(f"/admin/people/{bot.id}/deletion").text
    for missing in ("/reset", "/role", "/identity"):
        assert f'{bot.id}{missing}"' not in page
    assert admin.post(f"/api/admin/people/{bot.id}/disable", headers=PAGE).status_code == 303
    assert "Disabled" in admin.get(f"/bots/{bot.id}").text
    found = admin.get("/admin/people", params={"role": "bot"}, headers=PROGRAM).json()
    assert [each["username"] for each in found["people"]] == ["deploys"]


def test_who_deletes_its_owner_is_told_what_becomes_of_it(
    alice: Person, admin: Person, bob: Person, bot: Account
) -> None:
    assert "Bots of theirs" in admin.get(f"/admin/people/{id_of('alice')}/deletion").text
    assert "Your bots are disabled" in alice.get("/account/deletion").text
    assert "Bots of theirs" not in admin.get(f"/admin/people/{id_of('bob')}/deletion").text
    assert "Your bots" not in bob.get("/account/deletion").text


def test_an_admin_is_told_that_a_bot_has_no_owner(admin: Person, bot: Account) -> None:
    people.delete(OPERATOR, id_of("alice"))
    assert "None: the account is deleted" in admin.get(f"/bots/{bot.id}").text
    path = f"/api/admin/people/{bot.id}/enable"
    refused = admin.post(path, headers=PAGE)
    assert (refused.status_code, "Give it one first." in refused.text) == (409, True)
    given = {"owner": "ada", "display_name": ""}
    assert admin.post(f"/api/bots/{bot.id}", data=given, headers=PAGE).status_code == 303
    assert admin.post(path, headers=PAGE).status_code == 303
    assert bots.one(id_of("ada"), bot.id).works
    assert listed(admin)["messages"] == []


def test_what_is_sensitive_is_confirmed(admin: Person, later: object, bot: Account) -> None:
    assert callable(later)
    later(minutes=11)
    for path in ("/api/admin/bots", f"/api/bots/{bot.id}", f"/api/bots/{bot.id}/tokens"):
        answer = admin.post(path, json={}, headers=PROGRAM)
        assert (answer.status_code, "/api/confirm" in answer.text) == (403, True), path
