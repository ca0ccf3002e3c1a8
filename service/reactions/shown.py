"""Reactions as others get them: on their message, which is shown anew."""

from collections.abc import Sequence
from dataclasses import replace

from service.messages import shown
from service.reactions.palette import PALETTE
from service.reactions.reactions import Person
from service.web.named import together
from service.web.render import Look

NAMED = 10  # of those who put an emoji on a message; its page of reactions names all
MARKED = 100  # of them, whose open pages know that they did; to others that page says so


def _who(people: Sequence[Person]) -> str:
    """Return who reacted, as a sentence has it."""
    names = [person.shown for person in people[:NAMED]]
    if left := len(people) - len(names):
        names.append("1 other" if left == 1 else f"{left} others")
    return together(names)


def _ids(people: Sequence[Person]) -> str:
    """Return the ids of those whose pages are to know that they reacted."""
    return " ".join(str(person.id) for person in people[:MARKED])


noun = replace(shown.noun, kinds=frozenset({"reacted"}))
look = Look(filters={"who": _who, "ids": _ids}, shared={"palette": PALETTE, "marked": MARKED})
