"""Bodies: what a form, JSON and multipart may hold, and forms in a browser without JavaScript."""

import html
import json
import re
from typing import Any

import pytest

from tests.people import HTMX, ONE_DATABASE, PAGE, PROBLEM, PROGRAM, Person, SignIn, post, texts

EMOJI = "\N{GRINNING FACE}"
KEPT = (
    "x",
    "x" * 500,
    EMOJI * 500,
    "\r\n".join("x" * 250) + "x",  # 500 once each line end is one
    "a\rb",
    "  x",
    "<b>",
    "\N{ZERO WIDTH SPACE}x\N{RIGHT-TO-LEFT OVERRIDE}y\x07",
)
REFUSED = (
    *("", " ", "\r\n\t", "\N{ZERO WIDTH SPACE}\N{WORD JOINER} "),
    *("x" * 501, EMOJI * 501, "\n" * 500 + "x"),
    *("a\0b", "\ud83d"),
    *(None, True, False, 1.5, [], {"a": 1}),
)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@pytest.fixture
def alice(sign_in: SignIn) -> Person:
    return sign_in("alice")


def composer(page: str) -> dict[str, str]:
    """Return what the form for a new message holds."""
    form = re.search(r'<form id="composer".*?</form>', page, re.DOTALL)
    assert form
    key = re.search(r'name="client_key" value="([^"]+)"', form[0])
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form[0], re.DOTALL)
    assert key
    assert text
    return {"client_key": key[1], "message": html.unescape(text[1])}


# The text of a message.


def test_a_text_is_kept_as_it_was_written(alice: Person) -> None:
    for text in KEPT:
        kept = text.replace("\r\n", "\n").replace("\r", "\n")
        assert post(alice, text)["text"] == kept
        assert texts(alice)[0] == kept


def test_a_text_that_cannot_be_taken_is_refused(alice: Person) -> None:
    path = f"/api/message/{post(alice, 'Before')['id']}/edit"
    for text in REFUSED:
        body = json.dumps({"message": text})  # httpx2 itself would refuse a lone surrogate
        for address in ("/api/message", path):
            answer = alice.post(address, content=body, headers={"content-type": JSON})
            assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM), body
            assert list(answer.json()["errors"]) == ["message"]
    assert texts(alice) == ["Before"]


# The body around it.


@ONE_DATABASE
@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        (FORM, b"message=Hi%0D%0Athere&other=%00"),
        (f"{FORM}; charset=utf-8", b"message=Hi%0D%0Athere"),
        (JSON, b'{"message": "Hi\\nthere", "\\ud800": null, "0": {}}'),
        ("Application/JSON; charset=utf-8", b'{"message": "Hi\\r\\nthere"}'),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\nHi\r\nthere\r\n--x--',
        ),
    ],
)
def test_a_form_and_json_say_the_same(alice: Person, content_type: str, content: bytes) -> None:
    headers = PROGRAM | {"content-type": content_type}
    answer = alice.post("/api/message", content=content, headers=headers)
    if b"%00" in content:
        assert answer.status_code == 422
        content = content.removesuffix(b"&other=%00")
        answer = alice.post("/api/message", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (201, JSON)
    assert texts(alice) == ["Hi\nthere"]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/plain", "message=Hi"),
        (JSON, "{"),
        (JSON, "[1]"),
        (JSON, b"\xff"),
        (JSON, "[" * 60_000),
        (JSON, '{"message": ' + "9" * 5000 + "}"),
        ("multipart/form-data", "message=Hi"),
        ("multipart/form-data; boundary=x", "no boundary"),
        (
            "multipart/form-data; boundary=x",
            '--x\r\nContent-Disposition: form-data; name="message"; filename=a\r\n\r\nHi\r\n--x--',
        ),
        (FORM, "&".join(f"f{n}=1" for n in range(1100))),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    alice: Person, content_type: str, content: Any
) -> None:
    headers = PROGRAM | {"content-type": content_type}
    answer = alice.post("/api/message", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert texts(alice) == []


@ONE_DATABASE
def test_a_field_with_an_odd_name_breaks_nothing(alice: Person) -> None:
    for name in ("self", "request_id", "", "a" * 60_000):
        answer = alice.post("/api/message", json={name: None})
        assert answer.status_code == 422, name


# Without JavaScript.


def test_a_form_posts_and_comes_back_to_the_board(alice: Person) -> None:
    fields = composer(alice.get("/msgs", headers=PAGE).text) | {"message": "By hand"}
    answer = alice.post("/api/message", data=fields, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/msgs")
    page = alice.get("/msgs", headers=PAGE).text
    assert "By hand" in page
    assert composer(page)["message"] == ""
    assert composer(page)["client_key"] != fields["client_key"]
    repeated = alice.post("/api/message", data=fields, headers=PAGE)  # the back button
    assert repeated.status_code == 303
    assert texts(alice) == ["By hand"]


@pytest.mark.parametrize("caller", [PAGE, HTMX], ids=["form", "htmx"])
def test_a_refused_post_keeps_text_and_key(alice: Person, caller: dict[str, str]) -> None:
    fields = {"message": "</textarea>" + "x" * 500, "client_key": "k-1"}
    answer = alice.post("/api/message", data=fields, headers=caller)
    assert answer.status_code == 422
    assert composer(answer.text) == fields
    assert "A message can have 500 characters; this one has 511." in answer.text
    assert answer.text.startswith("<!doctype html>") == (caller is PAGE)


@pytest.mark.parametrize("caller", [PAGE, HTMX], ids=["form", "htmx"])
def test_a_conflict_keeps_the_text_and_gives_a_fresh_key(
    alice: Person, caller: dict[str, str]
) -> None:
    post(alice, "One", client_key="k-1")
    fields = {"message": "Two", "client_key": "k-1"}
    answer = alice.post("/api/message", data=fields, headers=caller)
    assert answer.status_code == 409
    again = composer(answer.text)
    assert again["message"] == "Two"
    assert again["client_key"] != "k-1"
    assert alice.post("/api/message", data=again, headers=PAGE).status_code == 303
    assert texts(alice) == ["Two", "One"]


def test_a_key_that_cannot_be_used_is_replaced_in_the_form(alice: Person) -> None:
    fields = {"message": "One", "client_key": "not a key"}
    answer = alice.post("/api/message", data=fields, headers=PAGE)
    assert answer.status_code == 422
    assert alice.post("/api/message", data=composer(answer.text), headers=PAGE).status_code == 303


@pytest.mark.parametrize("caller", [PAGE, HTMX], ids=["form", "htmx"])
def test_a_refused_edit_keeps_the_text(alice: Person, caller: dict[str, str]) -> None:
    posted = post(alice, "One")
    path = f"/api/message/{posted['id']}/edit"
    stale = {"message": "Two", "seq": "0"}
    for fields, status in (({"message": "x" * 501}, 422), (stale, 409)):
        answer = alice.post(path, data=fields, headers=caller)
        assert answer.status_code == status
        assert f">\n{fields['message']}</textarea>" in answer.text
        assert f'name="seq" value="{posted["seq"]}"' in answer.text  # so that it can be sent again
    assert texts(alice) == ["One"]


def test_forms_edit_and_delete(alice: Person) -> None:
    id = post(alice, "One")["id"]
    form = alice.get(f"/msgs/{id}/edit", headers=PAGE).text
    assert f'action="/api/message/{id}/edit" method="post"' in form
    assert ">\nOne</textarea>" in form
    edited = alice.post(f"/api/message/{id}/edit", data={"message": "Two"}, headers=PAGE)
    assert (edited.status_code, edited.headers["location"]) == (303, "/msgs")
    question = alice.get(f"/msgs/{id}/deletion", headers=PAGE).text
    assert f'action="/api/message/{id}/deletion" method="post"' in question
    assert "Two" in question
    deleted = alice.post(f"/api/message/{id}/deletion", headers=PAGE)
    assert (deleted.status_code, deleted.headers["location"]) == (303, "/msgs")
    assert texts(alice) == []


def test_older_is_a_link(alice: Person) -> None:
    for number in range(51):
        post(alice, f"Number {number}")
    newest = alice.get("/msgs", headers=PAGE).text
    assert ">Number 0<" not in newest
    link = re.search(r'href="(/msgs\?before=\d+)"', newest)
    assert link
    older = alice.get(link[1], headers=PAGE).text
    assert ">Number 0<" in older
    assert ">Number 1<" not in older
    assert "/msgs?before=" not in older


def test_charlies_browser_is_sent_to_sign_in(charlie: Person) -> None:
    for path in ("/msgs", "/msgs?before=5", "/msgs/1/edit", "/account"):
        answer = charlie.get(path, headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), path
    posted = charlie.post("/api/message", data={"message": "Hi"}, headers=PAGE)
    assert posted.status_code == 401
    assert 'href="/"' in posted.text


@ONE_DATABASE
def test_a_form_in_an_unknown_encoding_is_refused(alice: Person) -> None:
    kind = "multipart/form-data; boundary=b; charset=undefined"
    body = '--b\r\nContent-Disposition: form-data; name="message"\r\n\r\nx\r\n--b--\r\n'
    answer = alice.post("/api/message", content=body, headers={"content-type": kind} | PROGRAM)
    assert answer.status_code == 400


@ONE_DATABASE
def test_the_board_answers_programs_too(alice: Person) -> None:
    post(alice, "One")
    listed = alice.get("/api/messages", headers=PROGRAM).json()
    assert alice.get("/msgs", headers=PROGRAM).json() == listed
