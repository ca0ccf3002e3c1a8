"""The pages of those who look after people."""

import re

import pytest

from service.access import begun
from service.accounts import accounts
from service.base import clock
from service.data import db
from service.data.tables import User
from service.people import listing
from tests.people import HTMX, PAGE, PROBLEM, PROGRAM, Person, add_person, is_signed_in, post, texts
from tests.servers import within


def change(name: str, **values: object) -> int:
    """Let somebody be there, with these values in their row; return their id."""
    account = accounts.find(name) or add_person(name)
    if values:
        with db.write():
            User.update(values).where(User.id == account.id).execute()
    return account.id


def act(person: Person, user_id: int, what: str, **fields: str) -> tuple[int, str]:
    """Do something as a browser's form does; return the status and where it leads."""
    answer = person.post(f"/api/admin/people/{user_id}/{what}", data=fields, headers=PAGE)
    return answer.status_code, answer.headers.get("location", "")


def found(person: Person, **asked: str | int) -> list[str]:
    answer = person.get("/admin/people", params=asked, headers=PROGRAM)
    return [each["username"] for each in answer.json()["people"]]


@pytest.fixture
def people(admin: Person) -> None:
    """Some of each state, with names and addresses."""
    now = clock.now()
    change("anna", display_name="Änne Meier", display_key="änne meier")
    change("bert", email="Bert@Company.test", role="guest")
    change("cleo", disabled_at=now)
    change("dora", disabled_at=now, pending_at=now, wanted_name="Dorothea", pending_note="Hi")
    change("deleted-99", disabled_at=now, deleted_at=now)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["ada", "anna", "bert", "cleo", "dora"]),
        ({"q": " ANN"}, ["anna"]),
        ({"q": "ÄNNE"}, ["anna"]),
        ({"q": "company"}, ["bert"]),
        ({"q": "doro"}, ["dora"]),
        ({"q": "%"}, []),
        ({"role": "guest"}, ["bert"]),
        ({"state": "active", "role": "member"}, ["anna"]),
        ({"state": "pending"}, ["dora"]),
        ({"state": "disabled"}, ["cleo"]),
        ({"state": "deleted"}, ["deleted-99"]),
    ],
)
def test_people_are_found(admin: Person, asked: dict[str, str], names: list[str]) -> None:
    assert found(admin, **asked) == names


@pytest.mark.usefixtures("people")
def test_a_moderator_sees_no_address_of_those_above(moderator: Person) -> None:
    change("ada", email="ada@company.test")
    assert found(moderator, q="company") == ["bert"]
    page = moderator.get("/admin/people").text
    assert "Bert@Company.test" in page
    assert "ada@company.test" not in page


@pytest.mark.usefixtures("people")
def test_there_are_pages_of_fifty(admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert listing.PAGE_SIZE == 50
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    assert [found(admin, page=number) for number in (1, 2, 3)] == [
        ["ada", "anna"],
        ["bert", "cleo"],
        ["dora"],
    ]
    assert found(admin, page=99) == found(admin, page=3)
    page = admin.get("/admin/people?role=member&page=1").text
    assert 'href="/admin/people?role=member&amp;page=2"' in page
    assert "Page 1 of 2" in page
    assert "1 person waits to be let in" in page


def test_a_role_is_given_on_a_page(admin: Person, bob: Person) -> None:
    one = change("bob")
    assert bob.get("/admin/people").status_code == 403
    assert act(admin, one, "role", role="moderator") == (303, f"/admin/people/{one}?done=role")
    assert "The role is changed." in admin.get(f"/admin/people/{one}?done=role").text
    assert bob.get("/admin/people").status_code == 200
    assert "Administration" in bob.get("/account").text


def test_who_is_disabled_is_out_and_can_be_let_in(moderator: Person, bob: Person) -> None:
    one = change("bob")
    assert act(moderator, one, "disable") == (303, f"/admin/people/{one}?done=disabled")
    assert not is_signed_in(bob)
    assert act(moderator, one, "enable") == (303, f"/admin/people/{one}?done=enabled")
    assert accounts.get(one).state == "active"


@pytest.mark.usefixtures("people")
def test_who_waits_is_let_in_or_refused(moderator: Person) -> None:
    dora = change("dora")
    page = moderator.get(f"/admin/people/{dora}").text
    assert 'name="username" value="Dorothea"' in page
    assert ">Hi</dd>" in page
    taken = moderator.post(
        f"/api/admin/people/{dora}/approve", data={"username": "anna"}, headers=PAGE
    )
    assert (taken.status_code, 'value="anna"' in taken.text) == (422, True)
    assert "There is somebody named anna already." in taken.text
    assert act(moderator, dora, "approve", username="Dorothea")[0] == 303
    assert accounts.get(dora).username == "Dorothea"
    emil = change("emil", disabled_at=clock.now(), pending_at=clock.now())
    assert "Refuse and delete emil" in moderator.get(f"/admin/people/{emil}/deletion").text
    assert act(moderator, emil, "deletion", texts="keep")[0] == 303
    assert accounts.get(emil).state == "deleted"
    assert act(moderator, dora, "deletion", texts="keep")[0] == 403


def test_sessions_are_listed_and_ended(admin: Person, moderator: Person, bob: Person) -> None:
    one = change("bob")
    page = admin.get(f"/admin/people/{one}").text
    (session,) = re.findall('name="session" value="([0-9a-f]+)"', page)
    assert session not in moderator.get(f"/admin/people/{one}").text
    assert act(admin, one, "sessions/end", session="0" * 32)[0] == 404
    assert act(admin, one, "sessions/end", session=session)[0] == 303
    assert not is_signed_in(bob)
    assert begun.open_sessions(one) == []


def test_a_page_says_what_a_deletion_does_first(admin: Person, bob: Person) -> None:
    post(bob, "By Bob")
    one = change("bob")
    assert "This can't be undone." in admin.get(f"/admin/people/{one}/deletion").text
    assert act(admin, one, "deletion", texts="maybe")[0] == 422
    assert is_signed_in(bob)
    assert act(admin, one, "deletion", texts="empty") == (303, f"/admin/people/{one}?done=deleted")
    within(10, lambda: texts(admin) == [])
    page = admin.get(f"/admin/people/{one}").text
    assert f"deleted-{one}" in page
    assert "/api/admin/people/" not in page  # nothing is left to do


def test_the_last_admin_stays_and_the_page_says_so(admin: Person) -> None:
    one = change("ada")
    words = "ada is the last admin who can sign in."
    for kind, headers in {"page": PAGE, "htmx": HTMX, "program": PROGRAM}.items():
        path = f"/api/admin/people/{one}/role"
        answer = admin.post(path, data={"role": "member"}, headers=headers)
        assert answer.status_code == 409
        assert words in answer.text
        assert ("<html" in answer.text) == (kind == "page")
        assert (answer.headers["content-type"] == PROBLEM) == (kind == "program")
    assert admin.get("/admin/people").status_code == 200


def test_what_is_sensitive_is_to_be_confirmed_of_late(admin: Person, later: object) -> None:
    assert callable(later)
    one = change("bob")
    later(minutes=11)
    for what in ("role", "sessions/end", "deletion"):
        answer = admin.post(f"/api/admin/people/{one}/{what}", json={}, headers=PROGRAM)
        assert (answer.status_code, "/api/confirm" in answer.text) == (403, True), what


def test_nobody_is_at_an_id_that_is_not_there(admin: Person) -> None:
    for path in ("/admin/people/999", "/admin/people/0", "/admin/people/999/deletion"):
        assert admin.get(path).status_code == 404
