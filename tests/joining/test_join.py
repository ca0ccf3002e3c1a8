"""Joining by an invitation: looked at freely, used once, and worth nothing once its maker is."""

from collections.abc import Callable
from functools import partial

import pytest
from starlette.testclient import TestClient

from service.access.audit import OPERATOR
from service.accounts import accounts
from service.data import db
from service.data.tables import User
from service.people import people
from tests.at_once import at_once
from tests.joining.invited import actions, invite, join, role_of
from tests.people import (
    HTMX,
    PAGE,
    PASSWORD,
    PROGRAM,
    Person,
    SignIn,
    is_signed_in,
    new_client,
    post,
)


def works(visitor: Person, code: str) -> bool:
    return visitor.get("/join", params={"code": code}, headers=PROGRAM).status_code == 200


def test_whoever_is_invited_joins_and_is_signed_in(admin: Person, visitor: Person) -> None:
    code = invite(admin)
    page = visitor.get("/join", params={"code": code}, headers=PAGE)
    assert page.status_code == 200
    assert "<strong>ada</strong> invites you" in page.text
    assert f'value="{code}"' in page.text
    told = join(visitor, code, "Bob", user_timezone="Asia/Tokyo").json()
    assert told == {"username": "Bob", "user_timezone": "Asia/Tokyo", "role": "member"}
    post(visitor, "Hello")
    assert actions() == ["invite.made", "invite.used", "user.added"]


def test_who_joins_is_seen_under_a_name_that_looks_like_nobody_elses(
    admin: Person, visitor: Person
) -> None:
    code = invite(admin)
    refused = join(visitor, code, "Bob", display_name="ADA")
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["display_name"])
    assert join(visitor, code, "Bob", display_name="Robert").status_code == 200
    assert post(visitor, "Hello")["display_name"] == "Robert"


@pytest.mark.parametrize("headers", [PAGE, HTMX], ids=["page", "htmx"])
def test_a_browser_goes_on_to_the_board(
    admin: Person, visitor: Person, headers: dict[str, str]
) -> None:
    form = {"code": invite(admin, role="guest"), "username": "Bob", "password": PASSWORD}
    answer = visitor.post("/api/join", data=form, headers=headers)
    assert answer.headers["location" if headers is PAGE else "hx-redirect"] == "/msgs"
    assert is_signed_in(visitor)
    assert role_of("Bob") == "guest"


def test_previews_use_nothing_up_and_the_last_use_is_the_last(
    admin: Person, app_client: TestClient, visitor: Person
) -> None:
    code = invite(admin, uses=2)
    for method in ("GET", "HEAD", "GET"):
        assert visitor.request(method, "/join", params={"code": code}).status_code == 200
    people = [new_client(app_client) for _ in range(3)]
    joined = [join(person, code, name) for person, name in zip(people, "XYZ", strict=True)]
    assert [answer.status_code for answer in joined] == [200, 200, 404]
    assert not works(visitor, code)


def test_of_eight_at_once_one_joins(admin: Person, app_client: TestClient) -> None:
    code = invite(admin)
    names = ("bob", "carol", "dave", "eve", "frank", "grace", "heidi", "ivan")
    clients = [new_client(app_client, address=f"198.51.100.{n}") for n in range(8)]
    pairs = zip(clients, names, strict=True)
    answers = at_once([partial(join, person, code, name) for person, name in pairs])
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 7
    assert sum(role_of(name) is not None for name in names) == 1
    assert sum(map(is_signed_in, clients)) == 1


def test_a_name_that_is_taken_or_a_weak_password_uses_nothing_up(
    admin: Person, visitor: Person
) -> None:
    code = invite(admin)
    taken = join(visitor, code, "ADA")
    assert taken.status_code == 422
    assert taken.json()["errors"].keys() == {"username"}
    form = {"code": code, "username": "Bob", "password": "12345678"}
    weak = visitor.post("/api/join", data=form, headers=PAGE)
    assert weak.status_code == 422
    assert 'value="Bob"' in weak.text
    assert f'name="code" value="{code}"' in weak.text
    assert "12345678" not in weak.text
    assert join(visitor, code, "Bob").status_code == 200


def test_of_every_code_that_is_worth_nothing_the_same_is_said(
    admin: Person, app_client: TestClient, later: Callable[..., None]
) -> None:
    used, revoked, expired = (invite(admin, days=days) for days in (2, 2, 1))
    join(new_client(app_client), used, "Bob")
    (number,) = (
        each["id"] for each in admin.get("/admin/invites", headers=PROGRAM).json()["invites"][1:]
    )
    admin.post(f"/api/admin/invites/{number}/revoke", json={})
    later(days=1, minutes=1)
    said = set()
    for number, code in enumerate((used, revoked, expired, "0" * 32, "")):
        person = new_client(app_client, address=f"198.51.{number}.1")
        for answer in (
            person.get("/join", params={"code": code}, headers=PROGRAM),
            join(person, code, "Mallory"),
        ):
            said.add((answer.status_code, answer.json()["title"], answer.json()["detail"]))
    ((status, title, _),) = said
    assert (status, title) == (404, "This link does not work")


def test_whoever_is_signed_in_is_told_so_and_uses_nothing_up(
    admin: Person, bob: Person, visitor: Person
) -> None:
    code = invite(admin)
    page = bob.get("/join", params={"code": code}, headers=PAGE)
    assert "You are signed in as bob." in page.text
    assert 'action="/api/join"' not in page.text
    assert join(bob, code, "Bob2").status_code == 409
    assert works(visitor, code)


@pytest.mark.parametrize("change", ["disable", "demote", "delete"])
def test_an_invitation_dies_with_its_makers_right_to_invite(
    moderator: Person, admin: Person, visitor: Person, change: str
) -> None:
    code = invite(moderator)
    assert works(visitor, code)
    mo = accounts.find("mo")
    assert mo
    if change == "disable":
        people.disable(OPERATOR, mo.id)
    elif change == "demote":
        people.set_role(OPERATOR, mo.id, "member")
    else:
        people.delete(OPERATOR, mo.id)
    assert not works(visitor, code)
    assert join(visitor, code, "Bob").status_code == 404
    if change == "disable":
        listed = admin.get("/admin/invites", headers=PROGRAM).json()["invites"]
        assert [each["works"] for each in listed] == [False]
        people.enable(OPERATOR, mo.id)
        assert works(visitor, code)


def test_a_moderator_who_was_an_admin_makes_no_admins(admin: Person, visitor: Person) -> None:
    code, other = invite(admin, role="admin"), invite(admin)
    with db.write():
        User.update(role="moderator").where(User.username == "ada").execute()
    assert not works(visitor, code)
    assert works(visitor, other)


def test_off_lets_in_only_whom_an_admin_invites(
    admin: Person, moderator: Person, visitor: Person, decide: Callable[[str, str], None]
) -> None:
    admins, moderators = invite(admin), invite(moderator)
    decide("registration", "off")
    assert (works(visitor, admins), works(visitor, moderators)) == (True, False)
    refused = moderator.post("/api/admin/invites", json={"role": "member"})
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "You may not invite others. Ask an admin.",
    )


def test_a_form_from_another_site_joins_nobody(sign_in: SignIn, visitor: Person) -> None:
    code = invite(sign_in("ada", role="admin"))
    form = {"code": code, "username": "Bob", "password": PASSWORD}
    headers = PAGE | {"origin": "http://evil.test"}
    assert visitor.post("/api/join", data=form, headers=headers).status_code == 403
    assert role_of("Bob") is None
