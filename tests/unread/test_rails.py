"""The rails that are kept: so many of them, and each beside so many pages."""

from collections import OrderedDict

import pytest

from service import registry
from service.access.visible import Member
from service.accounts.accounts import Account
from service.base.assets import Assets, folder
from service.base.config import Settings
from service.unread import rail
from service.unread.marks import Marks
from service.unread.rail import Known, Rails
from service.web.render import Renderer
from tests.unread.made import room


class Taken(OrderedDict[int, Known]):
    """Rails, each of which another thread takes away as soon as it is there."""

    def __setitem__(self, user: int, known: Known) -> None:
        super().__setitem__(user, known)
        self.popitem()


@pytest.fixture
def rails(account: Account, settings: Settings) -> Rails:
    renderer = Renderer(settings, Assets(folder("static")), registry.LOOKS)
    return Rails(renderer, Marks())


def test_a_rail_is_read_though_another_thread_makes_space_for_its_own(
    rails: Rails, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rails, "_known", Taken())
    assert rails.read(Member(account.id)).rail.rooms


def test_a_rail_is_kept_beside_the_pages_asked_for_last(
    rails: Rails, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rail, "PAGES", 2)
    for slug in ("attic", "cellar", "garden"):
        room(slug, account.id)
    known = rails.read(Member(account.id))
    for slug in ("attic", "cellar", "garden"):
        made = rails.made(known, f"/rooms/{slug}", frozenset())
        assert rails.made(known, f"/rooms/{slug}", frozenset()) is made
    assert [here for here, _ in known.made] == ["/rooms/cellar", "/rooms/garden"]
