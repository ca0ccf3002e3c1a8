"""The options' page: what admins decide works at once, everywhere, and nothing typed is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from service.access import options
from service.access.options import Options
from service.base.config import Settings
from service.base.dates import LANGUAGES
from service.data import db
from tests.inside import run
from tests.people import HTMX, ONE_DATABASE, PAGE, PROBLEM, PROGRAM, Person, post

PATH = "/admin/options"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, board_name="From outside")


def decide(admin: Person, **fields: str) -> None:
    answer = admin.post("/api/admin/options", json=fields)
    assert answer.status_code == 200, answer.text


def stored() -> Options:
    with db.read():
        return options.read()


def test_the_boards_name_changes_everywhere_at_once(admin: Person, alice: Person) -> None:
    pages = ("/msgs", "/account", "/docs", "/msgs?q=x")
    assert all("From outside" in alice.get(page, headers=PAGE).text for page in pages)
    decide(admin, board_name="The <crew>")
    for page in pages:
        shown = alice.get(page, headers=PAGE).text
        assert "The &lt;crew&gt;" in shown
        assert "From outside" not in shown
    assert alice.get("/openapi.json").json()["info"]["title"] == "The <crew>"
    decide(admin, board_name="")
    assert "From outside" in alice.get("/msgs", headers=PAGE).text


@ONE_DATABASE
def test_nobody_is_called_like_the_board(
    admin: Person, alice: Person, database_url: str, tmp_path: Path
) -> None:
    decide(admin, board_name="The crew")
    named = alice.post("/api/account/name", json={"display_name": "The crew"}, headers=PROGRAM)
    assert named.status_code == 422
    page = tmp_path / "board.html"
    run(database_url, "export", "--format", "html", "--output", str(page))
    assert "<h1>The crew</h1>" in page.read_text()


@ONE_DATABASE
def test_dates_are_in_the_chosen_language_on_pages_that_were_kept_too(
    admin: Person, alice: Person
) -> None:
    post(alice, "Hello")
    for language, today in (("en", "Today"), ("de", "Heute"), ("ja", "今日"), ("en", "Today")):
        decide(admin, date_language=language)
        page = alice.get("/msgs", headers=PAGE).text
        assert f">{today}</button>" in page
        assert f'data-language="{language}"' in page
        assert page.count('lang="de"') == (2 if language == "de" else 0)  # the day, the time


def test_a_limit_holds_from_now_on(admin: Person, alice: Person) -> None:
    post(alice, "One")
    decide(admin, changes_per_minute="5")
    statuses = [alice.post("/api/message", json={"message": "Two"}).status_code for _ in range(2)]
    assert statuses[1:] == [429]
    decide(admin, changes_per_minute="")
    assert parts_of(admin)["changes_per_minute"] == "1000000"


def parts_of(admin: Person) -> dict[str, str]:
    return admin.get(PATH, headers=PROGRAM).json()["options"]


def test_a_browsers_form_saves_all_of_it(admin: Person) -> None:
    form = {
        "board_name": "The crew",
        "date_language": "fr",
        "registration": "approval",
        "domains": "@Example.org, example.net",
        "members_invite": ["no", "yes"],  # as the box that is ticked sends it
        "changes_per_minute": "",
        "streams_per_user": "7",
    }
    saved = admin.post("/api/admin/options", data=form, headers=PAGE)
    assert (saved.status_code, saved.headers["location"]) == (303, f"{PATH}?done=options")
    assert "The options are saved." in admin.get(f"{PATH}?done=options", headers=PAGE).text
    assert stored() == Options(
        board_name="The crew",
        date_language="fr",
        registration="approval",
        domains=("example.org", "example.net"),
        members_invite=True,
        streams_per_user=7,
    )
    by_htmx = admin.post("/api/admin/options", data=form, headers=HTMX)
    assert by_htmx.headers["hx-redirect"] == f"{PATH}?done=options"


@ONE_DATABASE
def test_what_can_not_be_is_kept_in_the_form_with_words(admin: Person) -> None:
    form = {"board_name": "x" * 60, "streams_per_user": "7", "registration": "domains"}
    refused = admin.post("/api/admin/options", data=form, headers=PAGE)
    assert refused.status_code == 422
    assert f'value="{"x" * 60}"' in refused.text
    assert 'value="7"' in refused.text
    assert "It must be one line of 1 to 50 characters." in refused.text
    problem = admin.post("/api/admin/options", json=form)
    assert problem.headers["content-type"] == PROBLEM
    assert problem.json()["errors"].keys() == {"board_name"}
    without_mail = {"registration": "domains", "domains": "example.org"}
    problem = admin.post("/api/admin/options", json=without_mail)
    assert "SMTP_URL" in problem.json()["errors"]["registration"]
    assert stored() == Options()


@ONE_DATABASE
def test_what_needs_a_restart_is_shown_and_no_secret(admin: Person, settings: Settings) -> None:
    page = admin.get(PATH, headers=PAGE).text
    assert "STREAMS_TOTAL" in page
    assert "SECRET_KEY" not in page
    assert settings.secret_keys[0] not in page
    assert all(each.name in page for each in LANGUAGES.values())


@ONE_DATABASE
def test_the_command_lists_and_sets_them(database: None, database_url: str) -> None:
    listed = run(database_url, "options").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == list(options.DECLARED)
    assert run(database_url, "options", "registration", "off").stdout == "registration\toff\n"
    assert stored().registration == "off"
    assert run(database_url, "options", "registration", "").stdout == "registration\tinvite\n"
    for wrong in (("no_such", "1"), ("registration", "maybe")):
        refused = run(database_url, "options", *wrong)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert len(refused.stderr.splitlines()) == 1


@ONE_DATABASE
def test_the_command_too_wants_mail_where_addresses_are_proved(
    database: None, database_url: str
) -> None:
    assert run(database_url, "options", "domains", "example.org").returncode == 0
    refused = run(database_url, "options", "registration", "domains")
    assert (refused.returncode, stored().registration) == (1, "invite")
    assert "set SMTP_URL and PUBLIC_URL" in refused.stderr
    mail = {"SMTP_URL": "smtp://127.0.0.1?from=a@b.example", "PUBLIC_URL": "https://b.example"}
    assert run(database_url, "options", "registration", "domains", **mail).returncode == 0
    with_none = run(database_url, "options", "registration", "domains")
    assert with_none.returncode == 0  # it is so already
