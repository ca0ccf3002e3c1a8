"""The marks of Markdown that we know, as rules of the parser.

It differs from CommonMark where that would lose what is typed in a conversation: every line break
stays; a quote or an item ends with its line; `>_<`, `2*3*4`, `foo/*.py`, `__init__`, a lone `-` and
a backslash before what is no mark stay as they are. What is missing stays plain: headings, images,
tables, HTML, addresses given elsewhere, code by indentation.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, fence, list_block
from markdown_it.rules_inline import StateInline, backtick, emphasis

from service.base import characters
from service.web import links

MAX_NESTING = 100  # of tags; the library drops what is nested deeper
STOPS = re.compile(r"[*_~`\[\\]|https?://", re.IGNORECASE)  # where text may give way to a mark
LABEL = re.compile(r"\[((?:\\.|[^\[\]\\\n])+)\]\(")
POSES = re.compile(r"://|www\.", re.IGNORECASE)  # what looks like an address leads there itself
QUOTES = re.compile(r">+[ \t]+\S")
ITEM = re.compile(r"(?:[-*]|(?:0|[1-9]\d{0,2})[.)])[ \t]+(?![-+* \t]*$)", re.MULTILINE)
ESCAPED = "*_~`[]\\"
AT_START, AFTER_NUMBER = ">-", ".)"  # marks only there


def _text(state: StateInline, _silent: bool) -> bool:
    found = STOPS.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    return _plain(state, end)


def _plain(state: StateInline, end: int) -> bool:
    """Take what stands before `end` as it is; say whether that is anything."""
    start, state.pos = state.pos, end
    state.append_pending(state.src[start:end])
    return end > start


def _address(state: StateInline, _silent: bool) -> bool:
    end = links.end(state.src, state.pos)
    if end is None:
        return False
    address = links.tidy(state.src[state.pos : end])
    state.push("link_open", "a", 1).attrs["href"] = address
    state.append_pending(address)
    state.push("link_close", "a", -1)
    state.pos = end
    return True


def _link(state: StateInline, _silent: bool) -> bool:
    label = LABEL.match(state.src, state.pos, state.posMax)
    is_image = state.src[max(state.pos - 1, 0) : state.pos] == "!"
    if is_image or not label or POSES.search(label[1]):
        return False
    if not _is_seen(label[1]):
        return False
    end = links.end_in_brackets(state.src, label.end())
    if end is None:
        return False
    href, after, most = links.tidy(state.src[label.end() : end]), end + 1, state.posMax
    state.push("link_open", "a", 1).attrs["href"] = href
    state.pos, state.posMax = label.span(1)
    state.md.inline.tokenize(state)
    state.pos, state.posMax = after, most
    state.push("link_close", "a", -1)
    return True


def _escape(state: StateInline, _silent: bool) -> bool:
    src, at = state.src, state.pos
    if src[at] != "\\" or at + 1 >= state.posMax:
        return False
    before = src[src.rfind("\n", 0, at) + 1 : at].strip(" \t")
    marks = ESCAPED + ("" if before else AT_START) + (AFTER_NUMBER if before.isdecimal() else "")
    if src[at + 1] not in marks:
        return False
    state.pos += 1
    return _plain(state, at + 2)


def _code(state: StateInline, silent: bool) -> bool:
    """Keep the line breaks of code, unlike the library."""
    start = state.pos
    if not backtick(state, silent):
        return False
    token = state.tokens[-1] if state.tokens and not state.pending else None
    if token and token.type == "code_inline":
        size = len(token.markup)
        code = state.src[start + size : state.pos - size]
        is_padded = code[0] in " \n" and code[-1] in " \n" and code.strip()
        token.content = code[1:-1] if is_padded else code
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Leave alone what stands within words, formulas and paths, and names such as __init__."""
    src, end = state.src, state.pos
    if src[end] not in "*_":
        return False
    while end < state.posMax and src[end] == src[state.pos]:
        end += 1
    before, after = src[max(state.pos - 1, 0) : state.pos], src[end : end + 1]
    is_within = _is_letter(before) and _is_letter(after)
    is_path = before == "/" and (after == "." or _is_letter(after))
    if is_within or is_path or src[state.pos : end].startswith("__"):
        return _plain(state, end)
    return emphasis.tokenize(state, silent)


def _is_seen(text: str) -> bool:
    return any(map(characters.is_visible, text))


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _rest(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _quote(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    return bool(QUOTES.match(_rest(state, line))) and blockquote(state, line, end, silent)


def _list(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    return bool(ITEM.match(_rest(state, line))) and list_block(state, line, end, silent)


def _fence(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Leave to `_code` what is closed, but not by a line of its own; show what holds nothing."""
    if _rest(state, line)[:1] == "`" and state.env["closing"] <= (at := state.eMarks[line]):
        is_empty = not state.src[at:].strip()
        if silent or is_empty or state.env["mark"] > at:
            return False
    if not fence(state, line, end, silent):
        return False
    if not silent and not _is_seen((token := state.tokens[-1]).content):
        token.type = "typed"
        token.content = state.getLines(line, state.line, state.blkIndent, False)
    return True


def _ends(state: StateBlock, line: int, _end: int, silent: bool) -> bool:
    """End a quote with its last `>`, and an item with the last line that is indented like it."""
    return silent and (state.parentType == "blockquote" or state.sCount[line] < state.blkIndent)


def parser() -> MarkdownIt:
    made = MarkdownIt("zero", {"maxNesting": MAX_NESTING})
    made.core.ruler.enableOnly(["block", "inline"])
    made.enable(["fence", "blockquote", "list", "escape", "backticks", "emphasis", "link"])
    made.enable("strikethrough")
    block, inline = made.block.ruler, made.inline.ruler
    block.at("fence", _fence, {"alt": ["paragraph", "blockquote", "list"]})
    block.at("blockquote", _quote, {"alt": ["paragraph", "blockquote", "list"]})
    block.at("list", _list, {"alt": ["paragraph", "blockquote"]})
    block.before("paragraph", "ends", _ends, {"alt": ["paragraph", "blockquote"]})
    inline.at("text", _text)
    inline.at("escape", _escape)
    inline.at("backticks", _code)
    inline.at("emphasis", _emphasis)
    inline.at("link", _link)
    inline.push("address", _address)
    made.parse("a", {})  # it puts its rules in order now: two threads at once would miss some
    return made
