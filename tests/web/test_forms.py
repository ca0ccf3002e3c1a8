"""Bodies: what a form and JSON may hold, and forms in a browser without JavaScript."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.accounts import accounts
from tests.people import HTMX, ONE_DATABASE, PAGE, PROBLEM, PROGRAM, Person, post, texts

EMOJI = "\N{GRINNING FACE}"
KEPT = (
    "x",
    "x" * 4000,
    EMOJI * 4000,
    "\r\n".join("x" * 2000) + "x",  # 4,000 once each line end is one
    "a\rb",
    "  x",
    "<b>",
    "\N{ZERO WIDTH SPACE}x\N{RIGHT-TO-LEFT OVERRIDE}y\tz",
)
REFUSED = (
    *("", " ", "\r\n\t", "\N{ZERO WIDTH SPACE}\N{WORD JOINER} "),
    *("x" * 4001, EMOJI * 4001, "\n" * 4000 + "x"),
    *("a\0b", "\ud83d"),
    *(None, True, False, 0, 1.5, [], {"a": 1}),
)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MULTIPART = "multipart/form-data; boundary=b; charset=punycode"


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
        (FORM, b"message=Hi%0D%0Athere,+Gr%C3%BC\xc3\x9fe"),
        (f"{FORM}; charset=utf-8", b"message=Hi%0D%0Athere, Gr\xc3\xbc\xc3\x9fe&other=%00&other2"),
        (f'{FORM};Charset="UTF-8"', "\ufeffmessage=Hi%0Dthere, Grüße"),
        (JSON, '{"message": "Hi\\nthere, Grüße", "\\ud800": "\\ud800", "0": {}, "n": [1]}'),
        (JSON, '\ufeff{"message": "Hi\\nthere, Gr\\u00fc\\u00dfe", "client_key": null}'),
        ("Application/JSON; charset=utf-8", '{"message": "Hi\\r\\nthere, Grüße"}'),
    ],
)
def test_a_form_and_json_say_the_same(
    alice: Person, content_type: str, content: str | bytes
) -> None:
    headers = PROGRAM | {"content-type": content_type}
    answer = alice.post("/api/message", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (201, JSON)
    assert texts(alice) == ["Hi\nthere, Grüße"]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("content_type", "content", "status"),
    [
        (JSON, "{", 400),
        (JSON, "[1]", 400),
        (JSON, b"\xff", 400),
        (JSON, '{"message": "Hi"}'.encode("utf-16"), 400),
        (JSON, "[" * 60_000, 400),
        (JSON, '{"message": ' + "9" * 5000 + "}", 400),
        (FORM, "message=Grüße".encode("latin-1"), 400),
        (FORM, "message=Gr%FC%DFe", 400),
        (FORM, "message=Hi&%FF=1", 400),
        (FORM, "&".join(f"f{n}=1" for n in range(1100)), 400),
        (f"{FORM}; charset=iso-8859-1", "message=Hi", 415),
        (f"{FORM}; charset=utf-8; charset=punycode", "message=Hi", 415),
        (f'{JSON}; charset="utf-16"', '{"message": "Hi"}'.encode("utf-16"), 415),
        ("text/plain", "message=Hi", 415),
        ("application/merge-patch+json", '{"message": "Hi"}', 415),
        (None, "message=Hi", 415),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    alice: Person, content_type: str | None, content: Any, status: int
) -> None:
    headers = PROGRAM | ({"content-type": content_type} if content_type else {})
    answer = alice.post("/api/message", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert texts(alice) == []


@ONE_DATABASE
def test_names_and_passwords_are_utf_8_too(app_client: TestClient, visitor: Person) -> None:
    accounts.add("grüße", "Straße 12 in Köln")
    body = "username=GRÜSSE&password=Straße 12 in Köln".encode()
    headers = PROGRAM | {"content-type": FORM}
    answer = visitor.post("/api/login", content=body, headers=headers)
    assert (answer.status_code, answer.json()["username"]) == (200, "grüße")


# What nobody wants is not read.


class Unread:
    """A body that tells whether it was asked for."""

    def __init__(self) -> None:
        self.was_read = False

    def __iter__(self) -> Iterator[bytes]:
        self.was_read = True
        yield b"message=Hi"


WANTED = {"POST /api/message", "POST /api/account/timezone"}
NOT_WANTED = (  # with the answer to a member and to a visitor
    ("POST /api/message", {"content-type": MULTIPART}, 415, 401),
    ("POST /api/login", {"content-type": MULTIPART}, 415, 415),
    ("POST /api/message", {"content-type": f"{FORM}; charset=punycode"}, 415, 401),
    ("POST /api/message", {"content-encoding": "gzip"}, 415, 401),
    ("POST /api/message", {"sec-fetch-site": "cross-site"}, 403, 403),
    ("POST /api/account/timezone", {}, None, 401),
    (f"POST /api/account/sessions/{'0' * 32}/end", {}, 404, 401),
    ("POST /api/message/1/deletion", {}, 404, 401),
    ("POST /nowhere", {}, 404, 404),
    ("POST /msgs", {}, 405, 405),
    ("PUT /api/message", {}, 405, 405),
    ("GET /readyz", {}, 200, 200),
)


@ONE_DATABASE
@pytest.mark.parametrize("caller", [PAGE, HTMX, PROGRAM], ids=["page", "htmx", "program"])
def test_a_body_that_nobody_wants_is_not_read(
    alice: Person, visitor: Person, caller: dict[str, str]
) -> None:
    for request, more, of_member, of_visitor in NOT_WANTED:
        headers = caller | {"content-type": FORM} | more
        for person, status in ((alice, of_member), (visitor, of_visitor)):
            if status:
                # A page of failure gives back what a browser's form sent to where it is wanted.
                kept = caller is PAGE and status in {401, 403} and request in WANTED
                kept &= MULTIPART not in more.values()
                body = Unread()
                answer = person.request(*request.split(), content=body, headers=headers)
                assert (answer.status_code, body.was_read) == (status, kept), (request, more)
                # What was not read is not taken for the next request.
                assert kept or answer.headers["connection"] == "close"
                assert ("application/x-www-form-urlencoded" in answer.text) == (status == 415)


@ONE_DATABASE
def test_a_field_with_an_odd_name_breaks_nothing(alice: Person) -> None:
    for name in ("self", "request_id", "", "a" * 60_000):
        answer = alice.post("/api/message", json={name: None})
        assert answer.status_code == 422, name


# Without JavaScript.


def test_a_form_posts_and_comes_back_to_the_board(alice: Person) -> None:
    fields = composer(alice.get("/msgs", headers=PAGE).text) | {"message": "By hand"}
    answer = alice.post("/api/message", data=fields, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/msgs#end")
    page = alice.get("/msgs", headers=PAGE).text
    assert "By hand" in page
    assert composer(page)["message"] == ""
    assert composer(page)["client_key"] != fields["client_key"]
    repeated = alice.post("/api/message", data=fields, headers=PAGE)  # the back button
    assert repeated.status_code == 303
    assert texts(alice) == ["By hand"]


@pytest.mark.parametrize("caller", [PAGE, HTMX], ids=["form", "htmx"])
def test_a_refused_post_keeps_text_and_key(alice: Person, caller: dict[str, str]) -> None:
    fields = {"message": "</textarea>" + "x" * 4000, "client_key": "k-1"}
    answer = alice.post("/api/message", data=fields, headers=caller)
    assert answer.status_code == 422
    assert composer(answer.text) == fields
    assert "A message can have 4000 characters; this one has 4011." in answer.text
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
    for fields, status in (({"message": "x" * 4001}, 422), (stale, 409)):
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
    assert (edited.status_code, edited.headers["location"]) == (303, f"/msgs#message-{id}")
    question = alice.get(f"/msgs/{id}/deletion", headers=PAGE).text
    assert f'action="/api/message/{id}/deletion" method="post"' in question
    assert "Two" in question
    deleted = alice.post(f"/api/message/{id}/deletion", headers=PAGE)
    assert (deleted.status_code, deleted.headers["location"]) == (303, f"/msgs#message-{id}")
    assert texts(alice) == []


def test_older_messages_are_a_link_away(alice: Person) -> None:
    for number in range(51):
        post(alice, f"Number {number}")
    newest = alice.get("/msgs", headers=PAGE).text
    assert ">Number 0<" not in newest
    link = re.search(r'href="(/msgs\?before=\d+)#end"', newest)
    assert link
    older = alice.get(link[1], headers=PAGE).text
    assert ">Number 0<" in older
    assert ">Number 1<" not in older
    assert "/msgs?before=" not in older


def test_a_visitors_browser_is_sent_to_sign_in(visitor: Person) -> None:
    for path in ("/msgs", "/msgs?before=5", "/msgs/1/edit", "/account"):
        answer = visitor.get(path, headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), path
    posted = visitor.post("/api/message", data={"message": "Hi"}, headers=PAGE)
    assert posted.status_code == 401
    assert 'href="/"' in posted.text


@ONE_DATABASE
def test_the_boards_page_answers_programs_with_the_list(alice: Person) -> None:
    post(alice, "One")
    listed = alice.get("/api/messages", headers=PROGRAM).json()
    assert alice.get("/msgs", headers=PROGRAM).json() == listed
