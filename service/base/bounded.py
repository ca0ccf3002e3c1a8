"""Texts that were made of late, and how much memory they may take."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from sys import getsizeof
from threading import Lock


class Bounded[T: str]:
    """Keeps texts by what they depend on, in so many bytes at most; the least used go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._octets = 0
        self._lock = Lock()

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returns for a key; it is made once, or more often at once."""
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return found
        new = make()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = new
                self._octets += getsizeof(new)
            while self._octets > self._most:
                self._octets -= getsizeof(self._kept.popitem(last=False)[1])
        return new
