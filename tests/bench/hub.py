"""The hub by itself, in this process: what one event costs it, whoever reads."""

import asyncio
import statistics
import time
from contextlib import ExitStack

import anyio
from starlette.types import Message

from service import registry
from service.access.identity import Identity
from service.access.options import Current
from service.access.standing import Standings
from service.base.assets import Assets, folder
from service.base.config import read_settings
from service.base.drain import Drain
from service.data.cursors import Cursors
from service.live.changes import Log
from service.live.hub import Hub
from service.live.readers import Readers
from service.live.renderings import Renderings
from service.messages import messages, writing
from service.rooms.places import Place
from service.web.render import Renderer
from tests.bench.rows import Figure
from tests.bench.served import STREAMS
from tests.servers import KEY

EVENTS = 100


def cost(url: str, users: list[int], places: list[Place]) -> Figure:
    """Return a processor's microseconds for an event in the first of the places that users read."""
    return asyncio.run(_cost(_hub(url), users, places))


def _hub(url: str) -> Hub:
    settings = read_settings({"DATABASE_URL": url, "SECRET_KEY": KEY})
    assets, options = Assets(folder("static"), settings.base), Current(settings)
    renderings = Renderings(
        Renderer(settings, assets, registry.LOOKS, options), Cursors(settings.secret_keys)
    )
    readers = Readers(STREAMS, STREAMS)
    return Hub(Log(registry.NOUNS), renderings, readers, (), Drain(), Standings())


async def _cost(hub: Hub, users: list[int], places: list[Place]) -> Figure:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hub.feed.run)
        await hub.feed.as_far_as(None)
        with ExitStack() as stack:
            for number, user in enumerate(users):
                me = Identity(user, f"reader{number}", "Europe/Berlin", "", role="member")
                place = places[number % len(places)]
                subscriber = stack.enter_context(hub.subscribe(me, place.id))
                subscriber.admit(me, 0)
                subscriber.following = True
                tasks.start_soon(subscriber.serve, [], _nothing, _take)
            used = [await _event(hub, places[0]) for _ in range(EVENTS)]
            tasks.cancel_scope.cancel()
    return Figure(round(1e6 * statistics.median(used), 1))


async def _event(hub: Hub, place: Place) -> float:
    """Let something happen; return the seconds of a processor until all have it."""
    await anyio.to_thread.run_sync(_post, place)
    cursor = messages.newest_cursor(place.id)
    before = time.process_time()
    await hub.feed.as_far_as(cursor)
    return time.process_time() - before


def _post(place: Place) -> None:
    writing.post(1, "Lunch is at noon.", place=place)


async def _nothing() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def _take(_: Message) -> None:
    pass
