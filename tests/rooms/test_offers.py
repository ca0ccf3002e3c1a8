"""To whom it is offered to make a room, begin a direct message, or invite somebody."""

from tests.people import HTMX, PAGE, Person, SignIn
from tests.rooms.asking import make, text


def offers(person: Person, what: str) -> list[bool]:
    """Say of the rail and the list of rooms, and of the page of open ones, whether they lead there.

    And at last whether it is there.
    """
    pages = [person.get("/rooms/rail", headers=HTMX).text]
    pages += [text(person, path) for path in ("/rooms", "/rooms/open")]
    status = person.get(f"/{what}/new", headers=PAGE).status_code
    return [*(f"/{what}/new" in page for page in pages), status == 200]


def test_a_new_room_is_offered_to_whoever_may_make_one(
    alice: Person, guest: Person, sign_in: SignIn
) -> None:
    admin = sign_in("ada", role="admin")
    everybody = offers(alice, "rooms"), offers(guest, "rooms"), offers(admin, "rooms")
    assert everybody == ([True] * 4, [False] * 4, [True] * 4)
    admin.post("/api/admin/options", json={"members_make_rooms": "no"})
    assert (offers(alice, "rooms"), offers(admin, "rooms")) == ([False] * 4, [True] * 4)


def invites(person: Person) -> bool:
    """Say whether the empty list of the first room leads to invitations."""
    page = text(person, "/msgs")
    return (
        'href="/admin/invites"' in page.partition('<div class="empty">')[2].partition("</div>")[0]
    )


def test_the_empty_first_room_leads_whoever_may_invite_to_invitations(
    alice: Person, guest: Person, moderator: Person, admin: Person
) -> None:
    everybody = alice, guest, moderator, admin
    assert [invites(each) for each in everybody] == [False, False, True, True]
    admin.post("/api/admin/options", json={"members_invite": "yes"})
    assert [invites(each) for each in everybody] == [True, False, True, True]
    assert "/admin/invites" not in text(admin, f"/rooms/{make(admin)}").partition('"empty"')[2]


def test_direct_messages_are_offered_to_whoever_may_begin_one(alice: Person, guest: Person) -> None:
    assert offers(alice, "direct") == [True] * 4
    assert offers(guest, "direct") == [False] * 4
    assert "alice" in text(guest, "/rooms")
