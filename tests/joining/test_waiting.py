"""Those who may let people in learn that somebody waits: on every page of theirs, and by mail."""

from collections.abc import Callable
from typing import Any

import pytest

from service.access import admins
from service.base import clock
from service.data import db
from service.data.tables import Spent, User
from service.doctor import admins as doctor
from service.joining import registration
from service.joining.newcomers import Newcomer
from tests.people import PAGE, Person, password_hash
from tests.servers import within

WORDS = '<span class="sr-only"> to be let in</span>'
Put = list[Callable[[], Any]]


def come(name: str) -> None:
    registration.wait(Newcomer(name, password_hash(), "UTC"), None, "Buy cheap", "192.0.2.1")


def shown(person: Person, path: str) -> bool:
    return f"1{WORDS}" in person.get(path, headers=PAGE).text


def test_their_pages_say_how_many_wait_and_nobody_elses_do(
    admin: Person, moderator: Person, alice: Person, decide: Callable[[str, str], None]
) -> None:
    decide("registration", "approval")
    for person in (admin, moderator, alice):
        assert not shown(person, "/msgs")  # which is kept
    come("Dora")
    for path in ("/msgs", "/account"):
        within(5, lambda path=path: all(shown(person, path) for person in (admin, moderator)))
        assert not shown(alice, path)
    with db.read():
        dora = User.get(User.pending_at.is_null(False)).id
    assert moderator.post(f"/api/admin/people/{dora}/approve", json={}).status_code == 200
    assert not shown(moderator, "/msgs")


def test_admins_are_mailed_once_an_hour_and_of_all(
    admin: Person, visitor: Person, decide: Callable[[str, str], None], put: Put, later: Any
) -> None:
    decide("registration", "approval")
    proved = {"email": "ada@a.example", "email_key": "ada@a.example"}
    with db.write():
        User.update(proved, email_verified_at=clock.now()).execute()
    sent = {"username": "Cheap-Pills", "password": "several unusual words", "note": "Buy cheap"}
    for number in range(3):
        sent["username"] += str(number)
        assert visitor.post("/api/register", json=sent).status_code == 200
    first, second, third = put[:3]
    del put[:]
    assert first() is None
    (write,) = put
    mail = write()
    assert (mail.to, "3 people wait to be let in" in mail.text) == ("ada@a.example", True)
    assert "heap" not in mail.text
    second(), third()
    assert len(put) == 1  # of the others this mail has told
    come("Dora")
    second()
    assert len(put) == 2  # later
    later(minutes=61)
    put[1]()
    assert "4 people wait" in put[2]().text
    put[1]()
    assert len(put) == 3
    with db.read():
        assert {row.expires_at > clock.now() for row in Spent.select()} == {True}


@pytest.mark.usefixtures("admin")
def test_the_doctor_tells_how_many_wait(decide: Callable[[str, str], None]) -> None:
    decide("registration", "approval")
    come("Dora")
    with db.read():
        assert admins.waiting() == 1
    with pytest.raises(StopIteration) as end:
        next(doctor.check())
    assert end.value.value == "somebody can look after people; 1 of them waits to be let in"
