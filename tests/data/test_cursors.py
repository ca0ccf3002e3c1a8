"""Cursors that tell nobody how much has happened."""

import string

import pytest

from service.base.config import Settings
from service.data.cursors import Cursors
from service.data.events import Cursor
from tests.people import Person, listed, post

OLD, NEW = "o" * 32, "n" * 32
CURSOR = Cursor("ab12cd34", 17)


def test_a_sealed_cursor_is_read_and_shows_nothing() -> None:
    cursors = Cursors([NEW])
    sealed = cursors.sealed(CURSOR)
    assert cursors.parse(sealed) == CURSOR
    assert sealed == cursors.sealed(CURSOR)  # what did not change is written alike
    places = [cursors.sealed(Cursor(CURSOR.epoch, seq)) for seq in (0, 1, 2, 2**62)]
    assert len({*places, sealed}) == 5
    assert {len(place) for place in places} == {len(sealed)}
    assert [cursors.parse(place) for place in places] == [
        Cursor(CURSOR.epoch, seq) for seq in (0, 1, 2, 2**62)
    ]


def test_a_plain_cursor_is_read_as_before() -> None:
    assert Cursors([NEW]).parse(str(CURSOR)) == CURSOR


def test_a_cursor_outlives_the_key_that_sealed_it() -> None:
    sealed = Cursors([OLD]).sealed(CURSOR)
    assert Cursors([NEW, OLD]).parse(sealed) == CURSOR
    assert Cursors([NEW]).parse(sealed) is None


def test_no_changed_character_makes_another_cursor() -> None:
    cursors = Cursors([NEW])
    sealed = cursors.sealed(CURSOR)
    letters = string.ascii_letters + string.digits + "-_"
    for place, each in enumerate(sealed):
        for other in letters:
            if other != each:
                found = cursors.parse(sealed[:place] + other + sealed[place + 1 :])
                # The last character has bits to spare.
                assert found is None or (found == CURSOR and place == len(sealed) - 1)


@pytest.mark.parametrize("text", ["", ".", "ab12cd34.", f".{'A' * 22}", "ab12cd34." + "é" * 22])
def test_what_is_no_cursor_is_told(text: str) -> None:
    assert Cursors([NEW]).parse(text) is None


def test_a_program_goes_on_from_a_sealed_one(alice: Person, settings: Settings) -> None:
    cursors, sealed = Cursors(settings.secret_keys), listed(alice)["cursor"]
    start = cursors.parse(sealed)
    assert start
    assert sealed == cursors.sealed(start) != str(start)
    post(alice, "New")
    assert [event["kind"] for event in listed(alice, after=sealed)["events"]] == ["posted"]
    assert listed(alice, after=Cursors([NEW]).sealed(start))["resync"]
