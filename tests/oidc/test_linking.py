"""An account here tied to one at a provider: by a link, by its owner, and what that confirms."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from service.base import clock
from service.data import db
from service.data.tables import ProvidedIdentity, Session
from service.links import links
from tests.oidc.fake import Fake
from tests.oidc.there import Go, change, user
from tests.passkeys import use
from tests.people import ONE_DATABASE, PAGE, PROGRAM, Person, is_signed_in, new_client

HOUR = dt.timedelta(hours=1)


def link_for(name: str) -> str:
    with db.write():
        _, code = links.make("identity", None, HOUR, user=user(name).id)
    return code


# Links.


@ONE_DATABASE
@pytest.mark.parametrize("provider", [{"create": False}])
def test_a_link_ties_an_account_to_whoever_comes_first(
    visitor: Person, app_client: Any, alice: Person, fake: Fake, go: Go
) -> None:
    another = new_client(app_client)
    code = link_for("alice")
    for _ in range(2):  # a look uses nothing up
        page = visitor.get(f"/identity?code={code}").text
    assert "<strong>alice</strong>" in page
    assert f'href="/oidc/corp?code={code}"' in page
    assert go(visitor, f"/oidc/corp?code={code}").status_code == 303
    with db.read():
        assert ProvidedIdentity.get().user.username == "alice"
    fake.claims["sub"] = fake.info["sub"] = "eve"
    assert go(another, f"/oidc/corp?code={code}").status_code == 404
    assert visitor.get(f"/identity?code={code}").status_code == 404
    assert not is_signed_in(another)


@ONE_DATABASE
@pytest.mark.parametrize("provider", [{"create": False}])
def test_a_link_for_one_does_not_let_another_in(
    visitor: Person, alice: Person, bob: Person, fake: Fake, go: Go
) -> None:
    go(visitor, f"/oidc/corp?code={link_for('alice')}")
    visitor.cookies.clear()
    answer = go(visitor, f"/oidc/corp?code={link_for('bob')}")
    assert answer.status_code == 400
    assert "is linked with another one here already" in answer.text
    assert not is_signed_in(visitor)


@ONE_DATABASE
@pytest.mark.parametrize("provider", [{"create": False}])
def test_an_invitation_is_worth_nothing_without_whoever_made_it(
    visitor: Person, moderator: Person, go: Go
) -> None:
    with db.write():
        _, code = links.make("invite", user("mo").id, HOUR, role="member")
    change("mo", disabled_at=clock.now())
    assert go(visitor, f"/oidc/corp?code={code}").status_code == 404
    assert not is_signed_in(visitor)


@ONE_DATABASE
@pytest.mark.parametrize("provider", [{"create": False}])
def test_whoever_is_invited_may_come_with_an_account_elsewhere(
    visitor: Person, app_client: Any, fake: Fake, go: Go
) -> None:
    another = new_client(app_client)
    with db.write():
        _, code = links.make("invite", None, HOUR, role="guest")
    assert f'href="/oidc/corp?code={code}"' in visitor.get(f"/join?code={code}").text
    assert go(visitor, f"/oidc/corp?code={code}").status_code == 303
    assert user("ada").role == "guest"
    fake.claims["sub"] = fake.info["sub"] = "eve"
    assert go(another, f"/oidc/corp?code={code}").status_code == 404


def test_a_member_links_and_unlinks(
    alice: Person, visitor: Person, bob: Person, fake: Fake, go: Go
) -> None:
    assert "Not linked" in alice.get("/account/providers").text
    done = go(alice, "/oidc/corp/link")
    assert done.headers["location"] == "/account/providers?done=linked"
    go(visitor)
    with db.read():
        (identity,) = ProvidedIdentity.select()
        assert identity.user.username == "alice"
    assert go(bob, "/oidc/corp/link").status_code == 409  # hers already
    path = f"/api/account/providers/{identity.id}/unlink"
    assert bob.post(path).status_code == 404
    assert alice.post(path).headers["location"] == "/account/providers?done=unlinked"
    assert is_signed_in(alice)
    assert not is_signed_in(visitor)  # who came with it


@ONE_DATABASE
def test_the_only_way_in_stays(visitor: Person, go: Go) -> None:
    go(visitor)
    with db.read():
        identity = ProvidedIdentity.get()
    path = f"/api/account/providers/{identity.id}/unlink"
    answer = visitor.post(path)
    assert answer.status_code == 409
    assert "It is your only way in." in answer.text
    use.keep(identity.user_id)  # another way
    assert visitor.post(path).status_code == 303


@ONE_DATABASE
def test_only_a_page_of_the_board_begins_to_link(alice: Person, fake: Fake) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"referer": "https://evil.example/"}, {}):
        assert alice.get("/oidc/corp/link", headers=headers).status_code == 403


@ONE_DATABASE
def test_linking_asks_who_one_is_if_that_is_long_ago(
    alice: Person, later: Callable[..., None]
) -> None:
    later(minutes=11)
    sent = alice.get("/oidc/corp/link", headers={"sec-fetch-site": "same-origin"})
    assert sent.headers["location"] == "/confirm?next=/account/providers"


@ONE_DATABASE
def test_only_the_session_that_began_it_is_linked(alice: Person, bob: Person, fake: Fake) -> None:
    own = {"sec-fetch-site": "same-origin"}
    back = fake.consent(alice.get("/oidc/corp/link", headers=own).headers["location"])
    flow = next(name for name in alice.cookies if "flow" in name)
    bob.cookies.set(flow, alice.cookies[flow], domain="board.test")
    assert bob.get(back).status_code == 400
    with db.read():
        assert not ProvidedIdentity.select().exists()


# Confirming.


@ONE_DATABASE
def test_a_provider_confirms_who_one_is(
    visitor: Person, fake: Fake, go: Go, later: Callable[..., None]
) -> None:
    go(visitor)
    later(minutes=11)
    page = visitor.get("/confirm?next=/account/providers").text
    assert 'href="/oidc/corp/confirm?next=/account/providers"' in page
    sent = visitor.get("/oidc/corp/confirm?next=/account/providers").headers["location"]
    assert "prompt=login" in sent
    assert "max_age=0" in sent
    for wrong in ({"auth_time": None}, {"auth_time": 1}):
        fake.claims |= wrong
        answer = go(visitor, "/oidc/corp/confirm?next=/account/providers")
        assert answer.status_code == 400
        assert "does not say that you have just signed in there" in answer.text
    fake.claims["auth_time"] = clock.now().timestamp()
    done = go(visitor, "/oidc/corp/confirm?next=/account/providers")
    assert done.headers["location"] == "/account/providers"
    with db.read():
        confirmed_at: Any = Session.get(Session.ended_at.is_null()).confirmed_at
        assert confirmed_at > clock.now() - dt.timedelta(minutes=1)


@ONE_DATABASE
def test_another_account_there_confirms_nothing(alice: Person, fake: Fake, go: Go) -> None:
    fake.claims["auth_time"] = clock.now().timestamp()
    assert go(alice, "/oidc/corp/confirm").status_code == 400


@ONE_DATABASE
def test_an_admin_makes_a_link_for_somebody(
    admin: Person, alice: Person, visitor: Person, fake: Fake, go: Go
) -> None:
    path = f"/api/admin/people/{user('alice').id}/identity"
    assert f'action="{path}"' in admin.get(f"/admin/people/{user('alice').id}").text
    assert alice.post(path).status_code == 403
    before = admin.post(path, headers=PROGRAM).json()["link"]
    page = admin.post(path, headers=PAGE).text
    assert "http://board.test/identity?code=" in page
    link = page.split("readonly autofocus>")[1].split("<")[0]
    assert visitor.get(before).status_code == 404  # the newest one counts
    assert visitor.get(link).status_code == 200
    go(visitor, link.replace("/identity", "/oidc/corp"))
    with db.read():
        assert ProvidedIdentity.get().user.username == "alice"
