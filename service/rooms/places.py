"""Places: where a room is, in addresses."""

from dataclasses import dataclass

from service.data.tables import BOARD
from service.data.tables.rooms import FIRST


@dataclass(frozen=True, slots=True)
class Place:
    """A room by its id, which nobody is shown, and its slug. The first one has the board's own."""

    id: int
    slug: str

    @property
    def page(self) -> str:
        """The path of its page, and the beginning of those of its messages."""
        return "/msgs" if self.id == BOARD else f"/rooms/{self.slug}"

    @property
    def api(self) -> str:
        """The beginning of the paths for programs: `/message` and `/messages` follow."""
        return "/api" if self.id == BOARD else f"/api/rooms/{self.slug}"


BOARD_PLACE = Place(BOARD, str(FIRST["slug"]))
