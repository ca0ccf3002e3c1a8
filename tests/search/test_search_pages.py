"""Search as its users meet it: pages, fragments, and lists for programs."""

import datetime as dt
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from service.accounts import accounts
from service.messages import messages, writing
from tests.people import HTMX, PAGE, PROBLEM, PROGRAM, Person, SignIn, listed, post, texts

HOSTILE = [
    '"',
    '""',
    '"""',
    "'",
    "''; DROP TABLE messages; --",
    "\\",
    "a\\' | b",
    "NEAR(a b, 2)",
    "a AND",
    "OR OR OR",
    "NOT",
    "^a*",
    "words:a",
    "{a b}:c",
    "a:*",
    "<->",
    "!a & (b | c)",
    "((((((((((",
    "- -- ---",
    '-"',
    "from:",
    'from:"',
    "before:",
    "on:2026-02-30",
    "after:9999-99-99",
    "on:0001-01-01",
    "before:-1",
    "~",
    "%s %(match)s ? :1",
    "x" * 500,
    "x " * 250,
    "-x " * 166,
    '"a' * 250,
    "漢" * 500,
    "é" * 501,
    "x" * 5000,
    "a\0b",
    "\u202e\u200b\ufeff",
    "\ufdfa" * 500,
    "👩‍👩‍👧‍👦" * 60,
]


def test_the_page_and_the_lists_show_what_is_found_marked(alice: Person) -> None:
    for text in ("Lunch at noon", "Dinner at eight", "Lunch again"):
        post(alice, text)
    assert texts(alice, q="lunch") == ["Lunch again", "Lunch at noon"]
    assert texts(alice, q=" ") == texts(alice)
    for path, headers in (("/msgs", PAGE), ("/msgs", HTMX), ("/api/messages", PAGE)):
        page = alice.get(path, params={"q": "lunch -again"}, headers=headers).text
        assert "<mark>Lunch</mark> at noon" in page
        assert "Dinner" not in page
        assert "Lunch again" not in page


def test_older_matches_are_a_link_away(alice: Person) -> None:
    for number in range(messages.PAGE_SIZE + 2):
        post(alice, f"Lunch {number}")
        post(alice, "Something else")
    first = listed(alice, q="lunch")
    assert texts(alice, q="lunch", before=first["before"]) == ["Lunch 1", "Lunch 0"]
    page = alice.get("/msgs", params={"q": "lunch"}, headers=PAGE).text
    (link,) = re.findall(r'class="button button-plain" href="([^"]*)"', page)
    older = alice.get(link.replace("&amp;", "&"), headers=PAGE).text
    assert "<mark>Lunch</mark> 1<" in older
    assert "Something else" not in older


def test_days_are_the_readers(sign_in: SignIn) -> None:
    alice = sign_in("alice", "Asia/Tokyo")
    bob = sign_in("bob", "America/Los_Angeles")
    account = accounts.find("alice")
    assert account
    at = dt.datetime(2026, 3, 1, 20, tzinfo=dt.UTC)  # in Tokyo it is 2 March already
    writing.post(account.id, "Good night", timestamp=at)
    assert texts(alice, q="on:2026-03-02") == ["Good night"]
    assert texts(alice, q="on:2026-03-01") == []
    assert texts(bob, q="on:2026-03-01 from:alice") == ["Good night"]
    assert texts(bob, q="after:2026-03-01") == []
    assert texts(alice, q="after:2026-03-01 before:2026-03-03") == ["Good night"]


def test_today_and_yesterday_are_days(sign_in: SignIn) -> None:
    alice = sign_in("alice", "Pacific/Kiritimati")
    post(alice, "Fresh")
    assert texts(alice, q="on:today") == texts(alice, q="after:yesterday") == ["Fresh"]
    assert texts(alice, q="on:yesterday") == []


@pytest.mark.parametrize("text", HOSTILE)
def test_every_search_is_answered(alice: Person, text: str) -> None:
    raw = quote(text.encode("utf-8", "surrogatepass"))
    for path, headers in (
        ("/msgs", PAGE),
        ("/msgs", HTMX),
        ("/msgs/matches", HTMX),
        ("/api/messages", PROGRAM),
    ):
        answer = alice.get(f"{path}?q={raw}", headers=headers)
        assert answer.status_code in {200, 422}, (path, answer.text)


def test_bytes_that_are_no_text_are_answered(alice: Person) -> None:
    for raw, answers in (
        ("%ED%A0%80", (400, 400)),
        ("%FF%FE", (400, 400)),
        ("%C0%AF", (400, 400)),
        ("%00", (422, 422)),
        ("%", (200, 303)),
    ):
        paths = (f"/msgs?q={raw}", f"/msgs/search?from={raw}&words={raw}")
        assert tuple(alice.get(path, headers=PAGE).status_code for path in paths) == answers


def test_a_search_that_cannot_be_read_is_told_why_and_kept(alice: Person) -> None:
    post(alice, "Something")
    page = alice.get("/msgs", params={"q": "lunch on:31/12"}, headers=PAGE)
    assert page.status_code == 422
    assert "on: needs a day, such as on:20" in page.text
    assert 'value="lunch on:31/12"' in page.text
    problem = alice.get("/api/messages", params={"q": "from:"}, headers=PROGRAM)
    assert (problem.status_code, problem.headers["content-type"]) == (422, PROBLEM)
    assert problem.json()["errors"] == {"q": "from: needs a name, such as from:alice."}
    assert alice.get("/api/messages?q=a&after=b", headers=PROGRAM).status_code == 422


def test_matches_are_marked_and_never_unescaped(alice: Person) -> None:
    post(alice, "<b>bold</b> & <script>alert('bold')</script> café")
    page = alice.get("/msgs", params={"q": "bold cafe script"}, headers=HTMX).text
    assert (
        "&lt;b&gt;<mark>bold</mark>&lt;/b&gt; &amp; &lt;<mark>script</mark>&gt;alert(&#39;"
        "<mark>bold</mark>&#39;)&lt;/<mark>script</mark>&gt; <mark>café</mark>"
    ) in page
    page = alice.get("/msgs", params={"q": '"><script>x'}, headers=PAGE).text
    assert "<script>x" not in page


def test_what_is_found_in_a_link_or_in_markdown_is_marked_there(alice: Person) -> None:
    post(alice, "see https://example.org/a?b=found&c, **well found** at\n- *found*\n- it")
    page = alice.get("/msgs", params={"q": '"found it" "found at" found'}, headers=HTMX).text
    assert '<a href="https://example.org/a?b=found&amp;c"' in page
    assert ">https://example.org/a?b=<mark>found</mark>&amp;c</a>" in page
    assert "<strong>well <mark>found</mark></strong><mark> at</mark><ul" in page
    assert "<li><em><mark>found</mark></em></li><li><mark>it</mark></li>" in page


@pytest.mark.parametrize(
    ("fields", "q"),
    [
        ({"words": "lunch"}, "lunch"),
        ({"words": " lunch ", "from": "alice"}, "from:alice lunch"),
        ({"from": "Ada Lovelace"}, 'from:"Ada Lovelace"'),
        (
            {"words": '"at noon"', "after": "2026-03-01", "before": "2026-03-05", "on": ""},
            'after:2026-03-01 before:2026-03-05 "at noon"',
        ),
    ],
)
def test_the_form_leads_to_the_search_it_describes(
    alice: Person, fields: dict[str, str], q: str
) -> None:
    answer = alice.get("/msgs/search", params=fields, headers=PAGE)
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"q": [q]}
    page = alice.get(answer.headers["location"], headers=PAGE).text
    for name, value in fields.items():
        shown = value.strip().replace('"', "&#34;")
        assert re.search(rf'name="{name}" value="{re.escape(shown)}"', page), name


def test_an_empty_form_leads_to_the_board(sign_in: SignIn) -> None:
    answer = sign_in("alice").get("/msgs/search?words=&from=", headers=PAGE)
    assert answer.headers["location"] == "/msgs"


def test_a_visitor_finds_nothing(visitor: Person) -> None:
    for path in ("/msgs/matches?q=a", "/api/messages?q=a"):
        assert visitor.get(path, headers=PROGRAM).status_code == 401
