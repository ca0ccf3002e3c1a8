"""Whatever comes in place of a passkey's answer is refused in words."""

import copy
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from fido2 import cbor
from fido2.utils import websafe_decode
from hypothesis import given, settings
from hypothesis import strategies as st

from service.access.identity import Identity
from service.base import passkeys
from service.base.errors import Invalid
from service.passkeys import ceremony, challenges
from service.passkeys.answers import Answered, Made, NotTaken
from tests.passkeys import use
from tests.passkeys.authenticator import Authenticator, Told, encoded
from tests.people import ONE_DATABASE, PROBLEM, Person

HOME = passkeys.home("https://board.test")
MAKING = challenges.make("register", 1, b"x" * 32)
ASKING = challenges.make("sign-in")
DEVICE = Authenticator()
ALICE = Identity(1, "alice", "UTC", "")
MADE = DEVICE.make(ceremony.creation_options(HOME, "Board", MAKING, ALICE, []))
STORED = ceremony.made(HOME, MAKING, json.dumps(MADE)).credential
ANSWER = DEVICE.answer(ceremony.request_options(HOME, ASKING, [STORED]))
PLACES = {
    kind: [(name,) for name in told] + [("response", name) for name in told["response"]]
    for kind, told in {"made": MADE, "answer": ANSWER}.items()
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def made(text: str) -> Made:
    return ceremony.made(HOME, MAKING, text)


def proved(text: str) -> Answered:
    answered = ceremony.answered(HOME, ASKING, text)
    answered.prove(STORED)
    return answered


READ: dict[str, tuple[Told, Callable[[str], object]]] = {
    "made": (MADE, made),
    "answer": (ANSWER, proved),
}
HUGE = 100_000_000
TEXTS = ("", "{", "null", "[]", "1", '"x"', "{}", "[" * 5000, '{"response": 1}', "\ud800")


def changed(told: Told, place: tuple[str, ...], value: object) -> str:
    whole: Any = copy.deepcopy(told)
    inner = whole if len(place) == 1 else whole[place[0]]
    inner[place[-1]] = value
    return json.dumps(whole)


@pytest.mark.parametrize("kind", READ)
def test_what_is_right_is_taken(kind: str) -> None:
    told, read = READ[kind]
    assert read(json.dumps(told))


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize("text", TEXTS)
def test_what_is_no_answer_at_all(kind: str, text: str) -> None:
    with pytest.raises(Invalid):
        READ[kind][1](text)


@pytest.mark.parametrize("kind", READ)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_an_answer_with_something_else_in_a_place(kind: str, data: st.DataObject) -> None:
    told, read = READ[kind]
    place = data.draw(st.sampled_from(PLACES[kind]))
    before = told[place[0]] if len(place) == 1 else told[place[0]][place[1]]
    cut = st.integers(0, 400).map(lambda at: str(before)[:at])
    turned = st.integers(0, 400).map(lambda at: str(before)[:at] + "A" + str(before)[at + 1 :])
    value = data.draw(anything | cut | turned)
    try:
        read(changed(told, place, value))
    except (Invalid, NotTaken):
        return
    # A new key signs nothing, so much of it may be anything; of an answer what is not looked at.
    unseen = place[0] in {"clientExtensionResults", "type", "id"} or place[-1] == "userHandle"
    assert kind == "made" or value == before or unseen


def with_numbers(kind: str) -> Iterator[str]:
    """Yield answers with a large number in each place, those inside encodings too."""
    told = READ[kind][0]
    for place in PLACES[kind]:
        yield changed(told, place, HUGE)
    client = json.loads(websafe_decode(told["response"]["clientDataJSON"]))
    inside = encoded(json.dumps(client | {"challenge": HUGE}).encode())
    yield changed(told, ("response", "clientDataJSON"), inside)
    if kind == "made":
        made = {"fmt": "none", "attStmt": {}, "authData": HUGE}
        yield changed(told, ("response", "attestationObject"), encoded(cbor.encode(made)))


@pytest.mark.parametrize("kind", READ)
def test_a_number_takes_no_memory(kind: str) -> None:
    tracemalloc.start()
    for text in with_numbers(kind):
        with suppress(Invalid, NotTaken):
            READ[kind][1](text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < HUGE / 10


def test_a_key_that_a_backup_spoilt_takes_nothing() -> None:
    answered = ceremony.answered(HOME, ASKING, json.dumps(ANSWER))
    for stored in ("", "not base64!", STORED[:40], "AAAA" + STORED):
        with pytest.raises(NotTaken):
            answered.prove(stored)


@ONE_DATABASE
def test_junk_is_told_as_such(alice: Person) -> None:
    for junk in (None, [], {"response": {"clientDataJSON": 1}}, ANSWER):
        question = use.asked(alice, use.NEW)
        refused = use.send_made(alice, junk, question["challenge"])
        assert (refused.status_code, refused.headers["content-type"]) == (422, PROBLEM)
        question = use.asked(alice)
        refused = use.send_answer(alice, junk, question["challenge"])
        assert refused.status_code == (401 if junk == ANSWER else 422)
