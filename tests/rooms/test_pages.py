"""Rooms by forms, without JavaScript, and by programs."""

import re

import pytest

from service.rooms import making
from tests.people import HTMX, ONE_DATABASE, PAGE, PROBLEM, PROGRAM, Person
from tests.rooms.asking import make, send, text
from tests.rooms.doing import told


def test_a_room_is_made_by_a_form_and_found_among_the_open_ones(alice: Person, bob: Person) -> None:
    text(alice, "/rooms/new")
    page = send(alice, "/api/rooms", name="Garden", kind="open", topic="Beds")
    slug = page.removeprefix("/rooms/")
    assert re.fullmatch("[a-z0-9]{10}", slug)
    for words in ("Garden", "Beds", f"/api/rooms/{slug}/membership"):
        assert words in text(bob, "/rooms/open")
    assert send(bob, f"/api/rooms/{slug}/membership") == page
    assert "2 people" in text(bob, f"/rooms/{slug}/details")
    assert f"/api/rooms/{slug}/membership/end" in text(bob, "/rooms/open")


@ONE_DATABASE
def test_what_can_not_be_comes_back_with_its_form(alice: Person) -> None:
    slug = make(alice, "Garden")
    sent = {"name": "garden", "topic": "Kept words", "kind": "private" * 9}
    for form, path, words in [
        ({"name": "garden", "topic": "Kept words"}, "/api/rooms", "an open room named garden"),
        ({"name": "x" * 51}, "/api/rooms", "x" * 51),
        ({"name": " "}, f"/api/rooms/{slug}/name", "1 to 50 characters"),
        ({"topic": "x" * 251}, f"/api/rooms/{slug}/topic", "x" * 251),
        ({"to": "nobody"}, f"/api/rooms/{slug}/members", "There is nobody named nobody"),
        ({}, f"/api/rooms/{slug}/members", "Choose somebody"),
        ({"username": "nobody"}, f"/api/rooms/{slug}/members/end", "There is nobody named nobody"),
        ({"level": "loud"}, f"/api/rooms/{slug}/level", "Choose one of these"),
        ({}, "/api/direct", "Choose 1 to 7 others"),
    ]:
        refused = alice.post(path, data=form, headers=PAGE)
        assert refused.status_code == 422, path
        assert words in refused.text
        assert alice.post(path, json=form).headers["content-type"] == PROBLEM
    assert "Kept words" in alice.post("/api/rooms", data=sent, headers=PAGE).text


def test_a_direct_message_is_begun_with_whom_one_chooses(
    alice: Person, bob: Person, charlie: Person
) -> None:
    found = text(alice, "/direct/new?q=BO&to=charlie")
    assert re.findall(r'name="to" value="(\w+)"( checked)?>', found) == [
        ("charlie", " checked"),
        ("bob", ""),
    ]
    assert "checked" in text(alice, "/direct/new?to=bob")
    talk = send(alice, "/api/direct", to="bob")
    leads = alice.get("/direct/new?to=BOB", headers=PAGE)
    assert (leads.status_code, leads.headers["location"]) == (303, talk)
    for others in ("q=&to=bob", "to=bob&to=charlie", "to=charlie", "to=nobody", "to=alice"):
        assert "New direct message" in text(alice, f"/direct/new?{others}")
    page = send(alice, "/api/direct", to=["bob", "charlie"])
    assert send(bob, "/api/direct", to=["alice", "charlie"]) == page
    details = text(charlie, f"{page}/details")
    assert "alice, bob" in details
    assert "Rename" not in details
    again = alice.post("/api/direct", json={"to": ["charlie", "bob"]}).json()
    assert [each["username"] for each in again["others"]] == ["bob", "charlie"]


def test_somebody_is_added_removed_and_leaves_by_forms(
    alice: Person, bob: Person, charlie: Person
) -> None:
    slug = make(alice, "Party", kind="private")
    at = f"/api/rooms/{slug}"
    assert "There is nobody else" not in text(alice, f"/rooms/{slug}/details")
    assert send(alice, f"{at}/members", to=["bob", "charlie"]).endswith("/details?done=added")
    assert "3 people" in text(bob, f"/rooms/{slug}/details")
    send(alice, f"{at}/members/end", username="bob")
    assert bob.get(f"/rooms/{slug}/details", headers=PAGE).status_code == 404
    assert "adds you again" in text(charlie, f"/rooms/{slug}/leaving")
    assert send(charlie, f"{at}/membership/end") == "/msgs"
    assert "You are the last one" in text(alice, f"/rooms/{slug}/leaving")
    left = alice.post(f"{at}/membership/end", headers=PROGRAM).json()
    assert left == {"left": slug, "deleted": True}


def test_a_room_is_renamed_archived_brought_back_and_deleted_by_forms(alice: Person) -> None:
    slug = make(alice)
    at, details = f"/api/rooms/{slug}", f"/rooms/{slug}/details"
    send(alice, f"{at}/name", name="Yard")
    send(alice, f"{at}/topic", topic="Beds")
    send(alice, f"{at}/level", level="mentions")
    assert 'value="mentions" selected' in text(alice, details)
    assert "Archived" in text(alice, send(alice, f"{at}/archive"))
    send(alice, f"{at}/archive/end")
    assert "only if they are added" in text(alice, f"/rooms/{slug}/private")
    send(alice, f"{at}/private")
    assert alice.get(at).json()["kind"] == "private"
    assert "This can&#39;t be undone" in text(alice, f"/rooms/{slug}/deletion").replace(
        "can't", "can&#39;t"
    )
    assert send(alice, f"{at}/deletion") == "/msgs"
    assert alice.get(details, headers=PAGE).status_code == 404


@ONE_DATABASE
def test_details_offer_what_one_may(alice: Person, bob: Person, guest: Person) -> None:
    slug = make(alice)
    own, others = text(alice, f"/rooms/{slug}/details"), text(bob, f"/rooms/{slug}/details")
    for words in ("Rename", "Add them", "Archive it", "Make it private", "Delete it", "Leave"):
        assert words in own
        assert words not in others
    assert "Join the room" in others
    first = text(guest, "/msgs/details")
    assert "Rename" not in first
    assert "What you want to be told of" in first
    assert "Archive it" not in text(alice, "/msgs/details")
    assert bob.get(f"/rooms/{slug}/deletion", headers=PAGE).status_code == 404


def masked(answer: object) -> str:
    """Return an answer without what is another each time."""
    return re.sub(r"[0-9a-f]{16,}|[a-z0-9]{10}(?=/)", "…", getattr(answer, "text", ""))


@ONE_DATABASE
@pytest.mark.parametrize("headers", [PAGE, HTMX, PROGRAM])
def test_a_room_that_is_not_ones_own_is_the_same_as_none(
    alice: Person, admin: Person, headers: dict[str, str]
) -> None:
    private, none = make(alice, "Party", kind="private"), making.new_slug()
    gets = ["/api/rooms/{}", "/api/rooms/{}/members", "/rooms/{}/details", "/rooms/{}/leaving"]
    posts = ["name", "topic", "members", "members/end", "membership", "membership/end", "level"]
    posts += ["private", "archive", "archive/end", "deletion"]
    fields = {"name": "A", "level": "nothing", "to": "alice", "username": "alice"}
    for path in gets:
        answers = [admin.get(path.format(slug), headers=headers) for slug in (private, none)]
        assert {each.status_code for each in answers} == {404}, path
        assert masked(answers[0]) == masked(answers[1])
    for path in posts:
        answers = [
            admin.post(f"/api/rooms/{slug}/{path}", data=fields, headers=headers)
            for slug in (private, none)
        ]
        assert {each.status_code for each in answers} == {404}, path
        assert masked(answers[0]) == masked(answers[1])


def test_what_goes_wrong_in_a_room_leads_back_to_it(alice: Person, guest: Person) -> None:
    slug = make(alice)
    alice.post(f"/api/rooms/{slug}/archive", headers=PROGRAM)
    for person, path, status, back in [
        (guest, f"/api/rooms/{slug}/membership", 409, f'href="/rooms/{slug}">Back to the room'),
        (guest, f"/api/rooms/{slug}/name", 403, f'href="/rooms/{slug}">Back to the room'),
        (guest, "/api/message/1/edit", 403, 'href="/msgs">Back to the board'),
        (alice, "/api/rooms/nowhere/name", 404, 'href="/msgs">Back to the board'),
    ]:
        answer = person.post(path, data={"name": "A", "message": "B"}, headers=PAGE)
        assert (answer.status_code, back in answer.text) == (status, True), path


def test_programs_get_rooms_and_who_is_in_them(alice: Person, bob: Person) -> None:
    slug = make(alice, "Garden", topic="Beds")
    made = alice.get(f"/api/rooms/{slug}").json()
    assert made == {
        "slug": slug,
        "kind": "open",
        "name": "Garden",
        "topic": "Beds",
        "archived": False,
        "people": 1,
        "member": True,
        "level": "everything",
    }
    seen = bob.get("/api/rooms").json()["rooms"]
    assert [(each["slug"], each["member"]) for each in seen] == [("board", True), (slug, False)]
    joined = bob.post(f"/api/rooms/{slug}/membership", headers=PROGRAM).json()
    assert joined == made | {"people": 2}
    members = bob.get(f"/api/rooms/{slug}/members").json()["members"]
    assert [(each["username"], each["made_it"]) for each in members] == [
        ("alice", True),
        ("bob", False),
    ]
    added = bob.post(f"/api/rooms/{slug}/members", json={"to": ["charlie"]})
    assert added.status_code == 422
    renamed = bob.post(f"/api/rooms/{slug}/name", json={"name": "Yard"}).json()
    assert renamed["name"] == "Yard"


def test_a_guest_joins_and_leaves_by_forms(alice: Person, guest: Person) -> None:
    slug = make(alice)
    send(guest, f"/api/rooms/{slug}/membership")
    send(guest, f"/api/rooms/{slug}/membership/end")
    assert told(slug)[1:] == ["gus joined", "gus left"]
