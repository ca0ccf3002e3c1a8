"""An empty board: whoever runs it makes the first admin in the browser, and nobody else can."""

import re
from dataclasses import replace
from functools import partial

import pytest
from starlette.testclient import TestClient

from service.base.config import Settings
from service.commands import server
from service.data import db
from service.data.tables import AuditEntry, EventCounter, User
from service.joining import setup_code
from tests.at_once import at_once
from tests.inside import run
from tests.people import (
    HTMX,
    PAGE,
    PASSWORD,
    PROGRAM,
    Person,
    add_person,
    is_signed_in,
    new_client,
    post,
)

ADA = {"username": "Ada", "password": PASSWORD, "user_timezone": "Europe/Vienna"}


def people() -> list[tuple[str, str, str]]:
    with db.read():
        return [(row.username, row.role, row.zone) for row in User.select().order_by(User.id)]


def test_an_empty_board_leads_to_its_setup(visitor: Person) -> None:
    assert visitor.get("/", headers=PAGE).headers["location"] == "/setup"
    assert visitor.get("/", headers=HTMX).headers["hx-redirect"] == "/setup"
    page = visitor.get("/setup", headers=PAGE)
    assert page.status_code == 200
    assert 'action="/api/setup"' in page.text


@pytest.mark.parametrize(
    ("headers", "status"), [(PAGE, 303), (HTMX, 200), (PROGRAM, 200)], ids=["page", "htmx", "json"]
)
def test_the_code_makes_the_first_admin_who_is_signed_in(
    visitor: Person, code: str, headers: dict[str, str], status: int
) -> None:
    answer = visitor.post("/api/setup", data={"code": f" {code.upper()} ", **ADA}, headers=headers)
    assert answer.status_code == status
    assert people() == [("Ada", "admin", "Europe/Vienna")]
    post(visitor, "Hello")
    with db.read():
        (entry,) = AuditEntry.select().where(AuditEntry.action == "user.added")
    assert (entry.actor, entry.target) == ("Ada", "Ada")


def test_the_first_admin_may_be_seen_under_another_name(visitor: Person, code: str) -> None:
    assert 'name="display_name"' in visitor.get("/setup", headers=PAGE).text
    sent = {"code": code, "display_name": " Ada  Lovelace ", **ADA}
    refused = visitor.post("/api/setup", data=sent | {"display_name": "Board"}, headers=PAGE)
    assert (refused.status_code, 'id="display_name-error"' in refused.text) == (422, True)
    assert 'value="Board"' in refused.text
    assert visitor.post("/api/setup", json=sent).status_code == 200
    assert post(visitor, "Hello")["display_name"] == "Ada Lovelace"


def test_with_the_first_user_the_setup_is_gone(visitor: Person, alice: Person, code: str) -> None:
    assert visitor.get("/setup", headers=PAGE).headers["location"] == "/"
    assert visitor.get("/", headers=PAGE).status_code == 200
    refused = visitor.post("/api/setup", json={"code": code, **ADA})
    assert (refused.status_code, refused.json()["title"]) == (404, "This board is set up already")
    assert [name for name, _, _ in people()] == ["alice"]


def test_eight_at_once_make_one(app_client: TestClient, code: str) -> None:
    clients = [new_client(app_client, address=f"192.0.2.{number}") for number in range(8)]
    names = ("ada", "grace", "mary", "joan", "betty", "karen", "frances", "radia")

    def set_up(person: Person, name: str) -> int:
        fields = {"code": code, "username": name, "password": PASSWORD}
        return person.post("/api/setup", json=fields).status_code

    pairs = zip(clients, names, strict=True)
    assert sorted(at_once([partial(set_up, *pair) for pair in pairs])) == [200] + [404] * 7
    assert len(people()) == 1
    assert sum(map(is_signed_in, clients)) == 1


def test_a_wrong_code_comes_back_with_what_was_typed_but_the_password(visitor: Person) -> None:
    answer = visitor.post("/api/setup", data={"code": "abcd-efgh-jkmn", **ADA}, headers=PAGE)
    assert answer.status_code == 422
    assert "That is not the code." in answer.text
    assert 'value="Ada"' in answer.text
    assert "<option selected>Europe/Vienna" in answer.text
    assert PASSWORD not in answer.text
    assert people() == []


def test_all_that_is_wrong_with_name_and_password_is_said_at_once(
    visitor: Person, code: str
) -> None:
    sent = {"code": code, "username": "a\tb", "password": "12345678"}
    answer = visitor.post("/api/setup", json=sent)
    assert answer.status_code == 422
    assert answer.json()["errors"].keys() == {"username", "password"}
    assert people() == []


def test_whoever_guesses_waits_and_the_right_code_does_too(
    app_client: TestClient, visitor: Person, code: str
) -> None:
    wrong = {"code": "guessed", **ADA}
    answers = [visitor.post("/api/setup", json=wrong).status_code for _ in range(7)]
    assert answers == [422] * 5 + [429] * 2
    refused = visitor.post("/api/setup", json={"code": code, **ADA})
    assert refused.json()["detail"].startswith("Too many wrong codes. Try again in ")
    elsewhere = new_client(app_client, address="198.51.100.7")
    assert elsewhere.post("/api/setup", json={"code": code, **ADA}).status_code == 200


def test_the_code_is_the_boards_and_its_keys_alone(database: None) -> None:
    first = setup_code.code("k" * 48)
    assert re.fullmatch(r"([a-z]{4}-){2}[a-z]{4}", first)
    assert setup_code.code("k" * 48) == first
    assert setup_code.code("l" * 48) != first
    with db.write():
        EventCounter.update(epoch="another").execute()
    assert setup_code.code("k" * 48) != first


def test_the_command_prints_the_code_until_there_is_a_user(database_url: str) -> None:
    key = {"SECRET_KEY": "k" * 48, "PUBLIC_URL": "https://board.test/crew"}
    said = run(database_url, "setup-code", **key)
    db.open_database(database_url)
    assert said.stdout.strip() == setup_code.code("k" * 48)
    assert "https://board.test/crew/setup" in said.stderr
    db.close_database()
    assert run(database_url, "user", "add", "ada", stdin=f"{PASSWORD}\n").returncode == 0
    refused = run(database_url, "setup-code", **key)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "This board has users" in refused.stderr


def test_the_log_says_at_the_start_where_and_with_which_code(
    database: None, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    server.tell_setup(settings)
    line = caplog.messages[0]
    assert "http://127.0.0.1:8000/setup" in line
    assert setup_code.code(settings.secret_keys[0]) in line
    server.tell_setup(replace(settings, log_format="ecs"))  # a log that is read elsewhere
    assert "with the code that `board setup-code` prints" in caplog.messages[1]
    caplog.clear()
    add_person("ada", "admin")
    server.tell_setup(settings)
    assert caplog.messages == []
