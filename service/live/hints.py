"""Hints: that there is news in rooms that a reader is in, and has not open."""

from service.data.tables import EVERYWHERE
from service.live.audiences import Audiences
from service.live.changes import Batch
from service.live.readers import Readers

ANYTHING = ""  # in place of a slug: more has changed than that something was said


def give(batch: Batch, known: Audiences, readers: Readers) -> None:
    """Hint to whom it concerns what has changed; to nobody of a room that they are not in."""
    talked = {change.room for change in batch.found.changes if change.user is None}
    for room in talked - {EVERYWHERE, *batch.altered}:
        if audience := known.get(room):
            for user in audience.joined(readers.users):
                readers.hint(user, audience.slug, room)
    concerned = set(batch.told)
    for room in batch.altered:
        if audience := known.get(room):
            concerned.update(audience.joined(readers.users))
    for user in concerned:
        readers.hint(user, ANYTHING)
