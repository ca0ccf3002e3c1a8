"""Slots: few at a time, known people first, and a line that ends."""

import asyncio

import pytest

from service.base.errors import Unavailable
from service.base.slots import Slots

pytestmark = pytest.mark.anyio


class Door:
    """One slot, held until it is opened; tells who came through in which order."""

    def __init__(self, line: int = 100, each: int = 100) -> None:
        self.slots = Slots(1, line, each)
        self.opened = asyncio.Event()
        self.through: list[str] = []

    async def come(self, key: str, *, first: bool = False) -> None:
        async with self.slots.hold(key, first=first):
            await self.opened.wait()
            self.through.append(key)

    async def queue(self, *keys: str, first: bool = False) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(self.come(key, first=first)) for key in keys]
        await asyncio.sleep(0)
        return tasks


async def test_alice_goes_before_all_strangers() -> None:
    door = Door()
    strangers = await door.queue(*(f"stranger {number}" for number in range(100)))
    alice = await door.queue("alice", first=True)
    door.opened.set()
    await asyncio.gather(*strangers, *alice)
    assert door.through[:3] == ["stranger 0", "alice", "stranger 1"]
    assert len(door.through) == 101


async def test_the_line_has_an_end_for_strangers_and_for_each_key() -> None:
    door = Door(line=4, each=2)
    tasks = await door.queue("a", "a", "a", "a", "b", "b", "c")
    with pytest.raises(Unavailable) as refused:
        await tasks[3]  # one is inside, two wait
    assert refused.value.retry_after == 5
    with pytest.raises(Unavailable):
        await tasks[6]
    alice = await door.queue("c", first=True)
    door.opened.set()
    del tasks[6], tasks[3]
    await asyncio.gather(*tasks, *alice)
    assert door.through == ["a", "c", "a", "a", "b", "b"]


async def test_whoever_leaves_the_line_keeps_nobody_waiting() -> None:
    door = Door()
    door.opened.set()
    async with door.slots.hold("inside", first=False):
        left, given, last = await door.queue("left", "given", "last")
        left.cancel()
    given.cancel()  # at the moment at which its turn came
    await last
    assert door.through == ["last"]
    await asyncio.gather(*await door.queue("again"))
