"""Many things done at the same moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

DEADLINE = 30


def at_once[T](work: Sequence[Callable[[], T]]) -> list[T]:
    """Do everything at the same moment, each in a thread of its own; return the results."""
    barrier = threading.Barrier(len(work))

    def begin(one: Callable[[], T]) -> T:
        barrier.wait(DEADLINE)
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return [future.result(DEADLINE) for future in [pool.submit(begin, one) for one in work]]
