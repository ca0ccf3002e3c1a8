"""A page of failure gives back what somebody wrote, whatever failed; no program gets any of it."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from service.base import errors
from service.base.errors import MAX_BODY
from service.messages import writing
from tests.people import ONE_DATABASE, PAGE, PROGRAM, Person, no_database, post, texts

pytestmark = ONE_DATABASE
TEXT = '\nLong & <b>\n"thought out"'
FIELDS = {"message": TEXT, "client_key": "k-1"}
TRANSIENT = {
    408: errors.TooSlow(),
    429: errors.TooManyRequests(limit="changes", retry_after=9),
    500: ZeroDivisionError(),
    503: errors.DiskFull(),
}


def kept(page: str) -> str | None:
    """Return the text that a page gives back."""
    found = re.search(r'<textarea[^>]* name="message"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    return html.unescape(found[1]) if found else None


def form(page: str) -> tuple[str, dict[str, str]] | None:
    """Return where a page sends what it gives back, and its fields."""
    found = re.search(r'<form class="stack" action="([^"]*)" method="post">', page)
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return (found[1], dict(hidden) | {"message": kept(page) or ""}) if found else None


def failing(failure: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise failure

    return fail


@pytest.mark.parametrize("status", TRANSIENT)
def test_a_text_comes_back_and_can_be_sent_again(
    alice: Person, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(writing, "draft", failing(TRANSIENT[status]))
        answer = alice.post("/api/message", data=FIELDS, headers=PAGE)
        told = alice.post("/api/message", data=FIELDS, headers=PROGRAM)
    assert (answer.status_code, told.status_code) == (status, status)
    assert "thought out" not in told.text
    assert form(answer.text) == ("/api/message", FIELDS)
    again = alice.post("/api/message", data=FIELDS, headers=PAGE)
    assert (again.status_code, texts(alice)) == (303, [TEXT])


def test_a_text_outlives_the_loss_of_the_database(alice: Person) -> None:
    path = f"/api/message/{post(alice, 'One')['id']}/edit"
    with no_database():
        answer = alice.post(path, data={"message": TEXT, "seq": "1"}, headers=PAGE)
    assert (answer.status_code, form(answer.text)) == (503, (path, {"message": TEXT, "seq": "1"}))


def test_a_visitor_signs_in_beside_the_text_and_sends_it_again(visitor: Person) -> None:
    answer = visitor.post("/api/message", data=FIELDS, headers=PAGE)
    assert (answer.status_code, form(answer.text)) == (401, ("/api/message", FIELDS))
    assert 'href="/" target="_blank"' in answer.text


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/message/99/edit", {}, 404),
        ("/api/message", {"origin": "https://evil.test"}, 403),
    ],
)
def test_what_cannot_be_sent_again_can_be_copied(
    alice: Person, path: str, headers: dict[str, str], status: int
) -> None:
    answer = alice.post(path, data=FIELDS, headers=PAGE | headers)
    assert (answer.status_code, kept(answer.text), form(answer.text)) == (status, TEXT, None)


def test_of_a_text_that_is_too_large_the_beginning_comes_back(alice: Person) -> None:
    answer = alice.post("/api/message", data={"message": "é" * MAX_BODY}, headers=PAGE)
    found = kept(answer.text)
    assert (answer.status_code, form(answer.text)) == (413, None)
    assert found
    assert set(found) == {"é"}
    assert "The beginning of what you wrote" in answer.text


def test_no_password_comes_back(visitor: Person) -> None:
    fields = {"username": "charlie", "password": "a secret"}
    with no_database():
        answer = visitor.post("/api/login", data=fields, headers=PAGE)
    assert answer.status_code == 503
    assert ">\ncharlie</textarea>" in answer.text
    assert "secret" not in answer.text
    assert form(answer.text) is None


@pytest.mark.usefixtures("believed")  # a page without a reader has no search
def test_a_search_that_failed_keeps_its_words(alice: Person) -> None:
    alice.get("/msgs")
    with no_database():
        answer = alice.get("/msgs?q=caf%C3%A9+%26", headers=PAGE)
    assert answer.status_code == 503
    assert 'href="/msgs?q=caf%C3%A9+%26">Reload' in answer.text
    assert 'name="q" value="café &amp;"' in answer.text


def test_a_form_without_a_text_can_be_sent_again_too(alice: Person) -> None:
    path = f"/api/message/{post(alice, 'One')['id']}/deletion"
    with no_database():
        answer = alice.post(path, headers=PAGE)
    assert f'action="{path}" method="post"' in answer.text
    assert ">Try again</button>" in answer.text
