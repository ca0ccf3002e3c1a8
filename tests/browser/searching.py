"""What the tests of a search share: who writes, what is shown, what is asked for."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser import board
from tests.databases import BOTH
from tests.people import Person, post

OpenBoard = Callable[..., Page]
Program = Callable[[str], Person]
on_both = pytest.mark.parametrize("database_url", BOTH, indirect=True)


def say(person: Person, text: str) -> int:
    """Post a message as a program does, and return its number."""
    return post(person, text)["id"]


def change(person: Person, number: int, text: str) -> None:
    assert person.post(f"/api/message/{number}/edit", json={"message": text}).is_success


def remove(person: Person, number: int) -> None:
    assert person.post(f"/api/message/{number}/deletion", json={}).is_success


def at(page: Page, path: str) -> None:
    """Wait until the address ends with this."""
    expect(page).to_have_url(re.compile(re.escape(path) + "$"))


def is_told(page: Page, words: str) -> None:
    expect(page.locator("[data-found]")).to_have_text(words)


def caught_up(page: Page, requests: list[Request]) -> None:
    """Wait until what the stream told of last has been asked for."""
    board.eventually(page, lambda: requests and requests[-1].response())


def catch_ups(page: Page) -> list[Request]:
    """Return a list that collects the requests by which an open search stays current."""
    return asked_for(page, "/msgs/matches")


def asked_for(page: Page, part: str) -> list[Request]:
    """Return a list that collects the requests for addresses with this in them."""
    made: list[Request] = []

    def keep(request: Request) -> None:
        if part in request.url:
            made.append(request)

    page.on("request", keep)
    return made
