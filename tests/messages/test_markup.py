"""What a message may do to a page: line breaks, links and Markdown, nothing else."""

# ruff: noqa: RUF001, the punctuation of all scripts is what is tested

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from service.accounts.shown import initials
from service.web.markup import shown
from tests.people import HTMX, ONE_DATABASE, PAGE, SignIn, post

LINK = re.compile(
    r'<a href="([^"]+)" rel="nofollow noopener noreferrer" target="_blank">([^<]+)</a>'
)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com",
        "https://example.com/a/b?c=d#e",
        "http://localhost:8000/msgs",
        "http://192.168.0.7/",
    ],
)
def test_web_addresses_become_links(address: str) -> None:
    found = LINK.findall(str(shown(f"See {address}, please.")))
    assert found == [(address, address)]


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file://example.com/notes",
        "ftp://example.com",
        "mailto:alice@example.com",
        "alice@example.com",
        "www.example.com",
        "//example.com",
        "http:/example.com",
        "https://",
    ],
)
def test_what_is_no_web_address_becomes_no_link(text: str) -> None:
    assert "<a" not in shown(text)


def test_a_scheme_that_a_phone_has_capitalized_is_a_link_too() -> None:
    assert LINK.findall(str(shown("Https://Example.com"))) == [("https://Example.com",) * 2]


# What stands before an address, the address, and what stands after it.
ENDINGS = (
    *(("(", "https://a.example/x", ")."), ("", "https://a.example/x", "")),
    *(("", "https://e.com/a", end) for end in (".", ",", "!", "?", ";", ":", "...", "?!")),
    *(("", "https://e.com/a", f"{end} and more") for end in ".,!?;:"),
    *(("*", "https://e.com/a", "_"), ("~~", "https://e.com", "*"), ("~", "https://e.com/a", "~")),
    # Brackets and quotes of every script, on whichever side they open.
    *(
        (a, "https://e.com/a", b)
        for a, b in zip("「『（【《〈“‘«‹„”»", "」』）】》〉”’»›“”«", strict=True)
    ),
    *((a, "https://e.com", b) for a, b in zip("「（“«([{'", "」）”»)]}'", strict=True)),
    ('"', "https://e.com/a", '"'),
    ("[x] (", "https://e.com/a", ")more"),
    ("<", "https://e.com/a", ">"),
    # Sentence marks of every script, with and without a blank after them.
    *(("", "https://e.com", f"{end}次") for end in "。、，！？：；．｡､،؛؟۔।॥։።፣፤፥፧…‥"),
    *(("見て", "https://e.com/テストです", end) for end in "。、！？"),
    ("まず、", "https://e.com/a", "、"),
    # The last part of a host is of one kind of letters.
    *(
        ("", "https://e.com", "を見て"),
        ("看", "https://e.com", "吧"),
        ("", "https://例え.テスト", ""),
    ),
    *(("", "https://xn--r8jz45g.example", ""), ("", "https://münchen.de/straße", "")),
    *(("", "http://[::1]:8000/msgs", ""), ("", "https://alice@e.com:8443/a", "")),
    # What belongs to an address.
    *(
        ("", f"https://en.wikipedia.org/wiki/{title}", "")
        for title in (
            "Mercury_(planet)",
            "Schindler's_List",
            "Peano–Russell",
            "C%2B%2B",
            "L·L",
            "マイケル・ジャクソン",
        )
    ),
    ("(", "https://en.wikipedia.org/wiki/Mercury_(planet)", ")"),
    ("(see ", "https://e.com/a_(b)_c", "), he said"),
    *(("", "https://e.com/?a=1,2;b=c:d!e&f[]=*x", ""), ("", "https://e.com/#a=~b", "")),
    ("", "https://e.com/नमस्ते", "।"),
    ("", "https://e.com/a/", "."),
    ("", "https://web.archive.org/web/2026/https://e.com/a", ""),
    ("", "https://e.com/?to=https://f.com", ""),
    # What is not seen is no part of it.
    *(
        ("", "https://e.com/a", f"{unseen}b")
        for unseen in "\u202e\u2066\u200b\x07\x7f\u00a0\u3000\u2028"
    ),
)


@pytest.mark.parametrize(("before", "address", "after"), ENDINGS)
def test_an_address_ends_where_a_reader_sees_its_end(before: str, address: str, after: str) -> None:
    link = Markup(
        '<a href="{0}" rel="nofollow noopener noreferrer" target="_blank">{0}</a>'
    ).format(address)
    assert shown(before + address + after) == escape(before) + link + escape(after)


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        *(("*", ("em",)), ("_", ("em",)), ("**", ("strong",)), ("***", ("em", "strong"))),
        ("~~", ("s",)),
    ],
)
def test_an_address_ends_before_the_marks_around_it(typed: str, tags: tuple[str, ...]) -> None:
    begin, end = "".join(f"<{tag}>" for tag in tags), "".join(f"</{tag}>" for tag in tags[::-1])
    text = str(shown(f"{typed}https://e.com/a_b{typed}."))
    assert LINK.sub(r"\1", text) == f"{begin}https://e.com/a_b{end}."


@pytest.mark.parametrize(
    "text",
    [
        "https://e.com/a、https://e.com/b",
        "https://e.com/a,https://e.com/b",
        "'https://e.com/a','https://e.com/b'",
    ],
)
def test_two_addresses_are_two_links(text: str) -> None:
    assert [found[0] for found in LINK.findall(str(shown(text)))] == [
        "https://e.com/a",
        "https://e.com/b",
    ]


def test_an_address_with_markup_stays_an_address() -> None:
    text = shown('https://a.example/?a=1&b="><script>alert(1)</script>')
    assert str(text) == (
        '<a href="https://a.example/?a=1&amp;b=" rel="nofollow noopener noreferrer" '
        'target="_blank">https://a.example/?a=1&amp;b=</a>'
        "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
    )


@given(st.text(min_size=1, max_size=50))
def test_every_name_is_shown_by_one_or_two_initials(name: str) -> None:
    assert initials(name)


@ONE_DATABASE
def test_nothing_in_a_message_or_a_name_is_interpreted(sign_in: SignIn) -> None:
    attack = "<script>alert(1)</script> <img src=x onerror=alert(1)> {{ 7*7 }} </textarea>"
    eve = sign_in('<b>"eve"</b>', zone="Europe/Berlin")
    id = post(eve, attack)["id"]
    pages = [eve.get(path, headers=PAGE) for path in ("/msgs", f"/msgs/{id}/edit", "/account")]
    pages += [eve.get(f"/msgs/{id}/deletion", headers=PAGE), eve.get("/msgs", headers=HTMX)]
    pages += [eve.post(f"/api/message/{id}/edit", data={"message": attack + "!"}, headers=HTMX)]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        assert "<b>" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[0].text
    assert "{{ 7*7 }}" in pages[0].text


@ONE_DATABASE
def test_a_time_is_shown_in_the_readers_zone_and_told_in_utc(sign_in: SignIn) -> None:
    stamp = post(sign_in("alice"), "Hi")["timestamp"]
    page = sign_in("bob", zone="Asia/Kathmandu").get("/msgs", headers=PAGE).text
    assert f'<time datetime="{stamp}">' in page
    hour, minute = int(stamp[11:13]), int(stamp[14:16])
    there = divmod(hour * 60 + minute + 345, 60)  # Kathmandu is 5:45 ahead
    assert f">{there[0] % 24:02}:{there[1]:02}</span>" in page
