"""Markdown's marks become tags, everything else stays as it was typed, and nothing is lost."""

import re
import sys
from html.parser import HTMLParser
from typing import Any

import nh3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import escape

from service.base import characters
from service.data import rules
from service.messages import writing
from service.web import markdown, markup
from service.web.markup import shown

REL = ' rel="nofollow noopener noreferrer" target="_blank"'
TAGS = {"a", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "div", "span"}
ATTRIBUTES = {
    "a": {"href", "rel", "target"},
    "pre": {"data-language"},
    "li": {"value"},
    "span": {"class"},
    **{tag: {"dir"} for tag in ("blockquote", "ul", "ol")},
}

QUOTE, UL, OL = (f'<{tag} dir="auto">' for tag in ("blockquote", "ul", "ol"))
LINK = f'<a href="https://e.com/a_(b)?c=*d*"{REL}>'

# What is typed, and what becomes of it.
SUBSET = (
    ("**bold** and *it* and _it_", "<strong>bold</strong> and <em>it</em> and <em>it</em>"),
    ("***both***, ~~gone~~", "<em><strong>both</strong></em>, <s>gone</s>"),
    ("これは**重要**です", "これは<strong>重要</strong>です"),
    ("`a  <b>*c*`, ``a`b``", "<code>a  &lt;b&gt;*c*</code>, <code>a`b</code>"),
    ("see ```\na\n  b\n``` there", "see <code>a\n  b</code> there"),
    ("```py\na\n  *z*\n```\nso", '<pre data-language="py"><code>a\n  *z*</code></pre>so'),
    ("so\n~~~\n\n  a\n~~~", "so<pre><code>\n  a</code></pre>"),
    ("```not a language\na\n```", "<pre><code>not a language\na</code></pre>"),
    ("```\nnever closed\n", "<pre><code>never closed</code></pre>"),
    ("> one\n> *two*\nthree", f"{QUOTE}one\n<em>two</em></blockquote>three"),
    ("> a\n>\n> b\n>> c", f"{QUOTE}a\n\nb{QUOTE}c</blockquote></blockquote>"),
    ("Now:\n- a\n- b\n  more\nend", f"Now:{UL}<li>a</li><li>b\nmore</li></ul>end"),
    ("* a\n  - b\n\n* c", f"{UL}<li>a{UL}<li>b</li></ul></li><li>c</li></ul>"),
    ("3. a\n5. b", f'{OL}<li value="3">a</li><li value="5">b</li></ol>'),
    ("- > a\n\n  b", f"{UL}<li>{QUOTE}a</blockquote>b</li></ul>"),
    ("[the *docs*](https://e.com/a_(b)?c=*d*)!", f"{LINK}the <em>docs</em></a>!"),
    (r"\*not\* \_this\_ \`x\` \[a](b) \\a", r"*not* _this_ `x` [a](b) \a"),
    ("\\- a\n\\> b\n1\\. c", "- a\n&gt; b\n1. c"),
)
# What is shown as it was typed.
PLAIN = (
    *("# A heading", "A heading\n===", "---", "* * *", "    four blanks", "a | b\n--|--\nc | d"),
    *(
        "&amp; &copy; &#65;",
        "<b>x</b> <!-- y -->",
        "one  \ntwo",
        "one\\\ntwo",
        "\n\n a\n\n\n\tb  \n",
    ),
    *("2*3*4", "a * b * c", "snake_case_name", "__init__.py", "foo/*.py and bar/*.js", "**", "* *"),
    *(
        ">",
        ">>>",
        ">_<",
        ">:(",
        "-",
        "*",
        "+",
        "1.",
        "+ 1\n+ 2",
        "-5 and +5",
        "1986. A year",
        "007. Bond",
    ),
    *("```", "```\n```", "~~", "~a~", "`", "``", "`a", "[a]", "[a][b]", "[a]: https", "[]()"),
    *(r"C:\new\table", r"\d+\.\d", "a\\", "(c) (tm)", "'quotes' -- ...", "\u3000表"),
)
# Where links would lead that are none.
NOWHERE = (
    *("javascript:alert(1)", "JAVASCRIPT:alert(1)", "java\tscript:alert(1)", "data:text/html,x"),
    *(
        "blob:https://e.com/x",
        "//evil.example",
        "/api/logout",
        "api/logout",
        "mailto:a@e.com",
        "#x",
    ),
    *(
        "https:evil",
        "https:///evil",
        "http:/evil",
        "https://",
        "\x01https://e.com",
        "&#106;avascript:x",
    ),
)


@pytest.mark.parametrize(("typed", "html"), SUBSET)
def test_marks_become_tags(typed: str, html: str) -> None:
    assert str(shown(typed)) == html


@pytest.mark.parametrize("text", PLAIN)
def test_the_rest_stays_as_it_was_typed(text: str) -> None:
    assert re.sub("</?div>", "", shown(text)) == str(escape(text))


@pytest.mark.parametrize("address", NOWHERE)
@pytest.mark.parametrize(
    "form", ["[a]({})", "[a](<{}>)", '[a]({} "b")', "![a]({})", "<{}>", "[a]:{}\n\n[a]", "{}"]
)
def test_only_the_web_is_linked(form: str, address: str) -> None:
    links = re.findall('href="([^"]*)"', shown(form.format(address)))
    assert {link.rstrip("/x") for link in links} <= {"https://e.com"}


@pytest.mark.parametrize(
    "typed",
    [
        "[https://bank.example](https://evil.example)",
        "[www.bank.example](https://evil.example)",
        "![a](https://e.com/a.png)",
        "[](https://e.com)",
        "[\u200b](https://e.com)",
        '[a](https://e.com "b")',
        "[a](https://e.com",
        "[a\nb](https://e.com)",
    ],
)
def test_what_would_mislead_shows_where_it_leads(typed: str) -> None:
    html = str(shown(typed))
    assert re.sub("<[^>]*>", "", html) == str(escape(typed))
    assert all(f'"{text}"' in html for text in re.findall("https?://[a-z./]*[a-z]", typed))


MARKS = st.sampled_from(
    [
        *("@", "@a", "@b c"),
        *("*", "**", "_", "~~", "`", "```", "```\n", "~~~\n", "> ", "- ", "1. ", "\n", "\n\n", " "),
        *("  ", "\t", "[", "](", ")", "\\", "!", "[a](https://e.com)", "https://a.example/", "<"),
        *(
            ">",
            '"',
            "'",
            "&",
            "&lt;",
            "\u202e",
            "\u2069",
            "\u200b",
            "\u0301",
            "a",
            "b c",
            "漢",
            "\xa0",
        ),
    ]
)
TEXTS = st.lists(MARKS | st.text(max_size=3), max_size=40).map("".join).map(characters.clean)


NAMES = frozenset({"a", "b c"})


def cleaned(html: str) -> str:
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https"}, link_rel=None
    )


def canonical(html: str) -> str:
    """Return HTML as nh3 writes it: it escapes quotes nowhere, and blanks that do not break."""
    return html.replace("&#34;", '"').replace("&#39;", "'").replace("\xa0", "&nbsp;")


@given(TEXTS)
@example("> " * 100 + "a")
@example("- " * 60 + "a")
@example("[a](https://e.com)@[a](https://e.com)")
def test_an_oracle_finds_nothing_to_clean(text: str) -> None:
    html = str(shown(text, names=NAMES))
    assert cleaned(html) == canonical(html)


class Reader(HTMLParser):
    """Reads what is shown of HTML, in the order in which it was typed."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._links: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.text += given.get("data-language") or given.get("value") or ""
        if tag == "a":
            self._links.append((len(self.text), given["href"] or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            start, address = self._links.pop()
            self.text += "" if self.text[start:] == address else address

    def handle_data(self, data: str) -> None:
        self.text += data


def visible(text: str) -> str:
    """Return what is seen of a text but the marks of Markdown; a scheme may become small."""
    return "".join(
        each for each in text if each not in "*_~`[]()\\>-." and characters.is_visible(each)
    ).casefold()


@given(TEXTS)
def test_every_visible_character_is_kept(text: str) -> None:
    reader = Reader()
    reader.feed(str(shown(text, names=NAMES)))
    reader.close()
    assert visible(reader.text) == visible(text)


@given(TEXTS.filter(lambda text: not markup.MARKED.search(text)))
def test_what_has_no_mark_needs_no_parser(text: str) -> None:
    assert "".join(markdown.pieces(text) or ()) == "".join(markup._plain(text))


@pytest.mark.parametrize("level", ["> ", "- ", "> - ", "1. ", "* > "])
def test_what_is_nested_too_deep_is_shown_as_typed(level: str) -> None:
    deep = level * 200 + "a"
    assert str(shown(deep)) == str(escape(deep))
    assert str(shown(level * 9 + "a")) != str(escape(level * 9 + "a"))


# Of all that was tried, pairs and random mixtures of marks, what takes the parser longest.
BOMBS = (
    *("*", "  **", "*![", "*a_ ", "\n\n*a_ ", "*\n(", "_\n*", "\n- \\\\", "\n> \n  - \\", "`\n- "),
    *("\\[https://a.b/(", "[", "[a](", "```a\n", "```\n", "> ", "> - ", "\n> ", "a`", "](", "\\"),
)


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_text_makes_more_work_than_its_length_warrants(bomb: str) -> None:
    text = (bomb * rules.MAX_TEXT)[: rules.MAX_TEXT]
    calls = 0

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        markup._html(text)
    finally:
        sys.setprofile(None)
    assert calls < 120 * rules.MAX_TEXT


def test_the_longest_message_is_one_of_4000_characters() -> None:
    assert len(writing.clean_text("x" * 4000)) == 4000
