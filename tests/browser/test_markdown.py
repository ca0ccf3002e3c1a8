"""Markdown in messages: how it looks, and how code is copied."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from service.messages import writing
from tests.browser import board
from tests.browser.flaws import check
from tests.browser.screenshots import keep_screenshot
from tests.people import PASSWORD, add_person
from tests.servers import Server

CODE = "if ready:\n    go(1,  2)"
EVERYTHING = f"""Two things, **before noon**, _not_ ~~later~~:
- the `notes` of [the meeting](https://example.com/notes)
- the mail
  1. write it
  3. send it
> Who takes the mail?
> > And when?
```python
{CODE}
```
Then we are done."""
DEEP = "\n".join("> " * level + "deep" for level in range(1, 40))
COPIED = """() => {
  getSelection().selectAllChildren(document.querySelector("#messages .text"));
  return getSelection().toString();
}"""


def test_code_is_copied_with_its_blanks_and_its_button_with_nothing(
    open_board: Callable[..., Page],
) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    writing.post(add_person("bob").id, EVERYTHING)
    message = board.message(alice, "Two things")
    message.get_by_role("button", name="Copy the code").click()
    expect(message.locator(".copy")).to_have_text("Copied")
    assert alice.evaluate("navigator.clipboard.readText()") == CODE
    lines = [line.strip() for line in alice.evaluate(COPIED).splitlines() if line.strip()]
    assert lines[-4:] == ["And when?", "if ready:", "go(1,  2)", "Then we are done."]


def test_an_edited_block_of_code_has_its_button_again(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice")
    board.send(alice, "```\none\n```")
    form = board.open_form(alice, "one", "Edit")
    form.get_by_role("textbox").fill("```\ntwo\n```")
    form.get_by_role("button", name="Save").click()
    expect(board.message(alice, "two").get_by_role("button", name="Copy")).to_have_count(1)


def test_a_preview_shows_the_text_until_it_changes(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    preview = alice.get_by_role("status", name="Preview")
    board.composer(alice).fill("**Soon**")
    alice.get_by_role("button", name="Preview").click()
    expect(preview.locator("strong")).to_have_text("Soon")
    assert check(alice, "preview") == []
    board.composer(alice).press("End")
    board.composer(alice).press_sequentially(" or not")
    expect(preview).to_have_count(0)
    alice.get_by_role("button", name="Send").click()
    expect(board.message(alice, "Soon or not")).to_be_visible()


def test_a_preview_needs_no_script(server: Server, new_page: Callable[..., Page]) -> None:
    page = without_script(new_page)
    page.get_by_role("textbox", name="Message").fill("*Soon*\nnow")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("status", name="Preview").locator("em")).to_have_text("Soon")
    page.get_by_role("button", name="Send").click()
    expect(board.message(page, "Soon").locator("em")).to_have_text("Soon")
    expect(page.get_by_role("status", name="Preview")).to_have_count(0)


def without_script(new_page: Callable[..., Page]) -> Page:
    add_person("alice")
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def test_nothing_of_it_is_hard_to_read_or_wider_than_a_phone(
    open_board: Callable[..., Page],
) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    bob = add_person("bob").id
    writing.post(bob, "مرحبا\n- واحد\n- two\n> ثلاثة")
    writing.post(bob, DEEP)
    writing.post(bob, EVERYTHING + "\n```\n" + "wide" * 100 + "\n```")
    expect(board.message(alice, "Two things")).to_be_visible()
    keep_screenshot(alice, "markdown")
    assert check(alice, "Markdown") == []
    keep_screenshot(alice, "markdown-dark")
