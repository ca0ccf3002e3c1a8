"""The nouns of the log: how what changed is read, and how it is shown to whom; `app` names them."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.access.identity import Identity
from service.access.visible import Reader
from service.base.clock import Clock
from service.web.render import Renderer

type Load[View] = Callable[[Reader, Collection[int]], Mapping[int, View]]


@dataclass(frozen=True, eq=False)
class Noun[View]:
    """A kind of thing that changes, made by the module `shown` of its folder.

    `kinds` are those of its events. `load` reads by their ids, in its caller's transaction, those
    that a reader may see, as they are now; what it leaves out is passed over. `viewer` says what
    somebody is to a thing: who is the same to it, by the same clock, shares one rendering.
    `html` is what an open page swaps in for (kind, view, clock, viewer), and `json` what a program
    is told beside `seq` and `kind`. `ends` says whether a change ends somebody's streams of the
    room. In a replay a thing stands where it changed first, or `last`: what is shown on other
    things comes after them, which may have been read before it changed.
    """

    kinds: frozenset[str]
    load: Load[View]
    viewer: Callable[[View, Identity], Hashable]
    html: Callable[[Renderer, str, View, Clock, Any], str]
    json: Callable[[View], dict[str, Any]]
    ends: Callable[[str, View, Identity], bool] | None = None
    last: bool = False


Nouns = Mapping[str, Noun[Any]]  # by the kinds of their events


def by_kind(nouns: Iterable[Noun[Any]]) -> Nouns:
    """Return the noun of each kind of event; raise ValueError if two claim one."""
    found: dict[str, Noun[Any]] = {}
    for noun in nouns:
        if taken := found.keys() & noun.kinds:
            raise ValueError(f"two nouns have events of the kind {', '.join(sorted(taken))}")
        found |= dict.fromkeys(noun.kinds, noun)
    return found
