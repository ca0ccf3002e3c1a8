"""The head of a room's page: how the room is called, and how many are in it."""

from service import registry
from service.access.audit import OPERATOR
from service.base.assets import Assets, folder
from service.base.clock import Clock
from service.base.config import Settings
from service.people import people
from service.web.render import Renderer
from tests.people import PROGRAM, Person
from tests.rooms import id_of
from tests.rooms.asking import make, text
from tests.streams import LOG


def test_a_changed_room_is_told_to_programs_and_pages(alice: Person) -> None:
    start = alice.get("/api/messages").json()["cursor"]
    alice.post("/api/rooms/board/name", json={"name": "Lobby"})
    events = alice.get("/api/messages", params={"after": start}).json()["events"]
    assert [each["kind"] for each in events] == ["posted", "room"]
    assert [each["room"] for each in events] == ["board", "board"]
    assert events[1]["details"] == {
        "slug": "board",
        "kind": "open",
        "archived": False,
        "people": None,
        "name": "Lobby",
        "topic": "",
    }


def head_of(html: str) -> str:
    return html[html.index('<div id="room-head"') :].partition("</div>")[0]


def test_an_open_page_has_the_head_that_a_change_brings(alice: Person, settings: Settings) -> None:
    slug = make(alice, "Garden & co", topic="Beds")
    alice.post(f"/api/rooms/{slug}/archive", headers=PROGRAM)
    page = text(alice, f"/rooms/{slug}")
    assert f'href="/rooms/{slug}/details"' in head_of(page)
    changes = LOG.newest()[1].changes
    change = next(each for each in changes if each.kind == "room")
    renderer = Renderer(settings, Assets(folder("static")), registry.LOOKS)
    swapped = change.noun.html(renderer, "room", change.view, Clock("UTC", ""), None)
    assert head_of(swapped) == head_of(page)


def test_the_head_and_the_list_of_rooms_count_who_is_there(alice: Person, bob: Person) -> None:
    slug = make(alice, "Garden")
    assert "1<span" in head_of(text(alice, f"/rooms/{slug}"))
    bob.post(f"/api/rooms/{slug}/membership", headers=PROGRAM)
    assert "2<span" in head_of(text(alice, f"/rooms/{slug}"))
    assert "2 people</p>" in text(alice, "/rooms/open")
    told = [each.view.people for each in LOG.newest()[1].changes if each.kind == "room"]
    assert told == [2]
    bob.post(f"/api/rooms/{slug}/membership/end", headers=PROGRAM)
    assert "1<span" in head_of(text(alice, f"/rooms/{slug}"))
    assert 'href="/msgs/details' not in head_of(text(alice, "/msgs")).partition("</h1>")[2]


def test_who_is_kept_out_or_gone_is_counted_no_more(alice: Person, bob: Person) -> None:
    slug, bobs = make(alice, "Garden"), id_of(bob)
    bob.post(f"/api/rooms/{slug}/membership", headers=PROGRAM)
    assert "2<span" in head_of(text(alice, f"/rooms/{slug}"))
    for act, count in [
        (people.disable, 1),
        (people.disable, 1),
        (people.enable, 2),
        (people.delete, 1),
    ]:
        act(OPERATOR, bobs)
        assert f"{count}<span" in head_of(text(alice, f"/rooms/{slug}")), act
    told = [each.view.people for each in LOG.newest()[1].changes if each.kind == "room"]
    assert told == [1] * 4  # as it is by now, once for each change
