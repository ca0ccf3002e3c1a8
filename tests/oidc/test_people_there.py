"""Who somebody is here by a provider's word: which account, in which role."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from service.access import tokens
from service.base import clock
from service.data import db
from service.data.tables import AuditEntry, ProvidedIdentity, Session, User
from service.links import links
from tests.oidc.fake import ISSUER, Fake
from tests.people import ONE_DATABASE, PAGE, PROGRAM, Person, is_signed_in, new_client

Go = Callable[..., httpx2.Response]


def user(name: str) -> User:
    with db.read():
        return User.get(User.username_key == name)


def change(name: str, **values: Any) -> None:
    with db.write():
        User.update(**values).where(User.username_key == name).execute()


HOUR = dt.timedelta(hours=1)


def link_for(name: str) -> str:
    with db.write():
        _, code = links.make("identity", None, HOUR, user=user(name).id)
    return code


def test_whoever_is_brought_has_an_account_without_a_password(
    visitor: Person, alice: Person, app_client: Any, fake: Fake, go: Go
) -> None:
    another = new_client(app_client)
    fake.info |= {"name": "Ada Lovelace", "email": "Ada@example.org", "email_verified": True}
    go(visitor)
    found = user("ada")
    assert (found.role, found.password_hash) == ("member", tokens.NO_PASSWORD)
    assert (found.email, found.email_key) == ("Ada@example.org", "ada@example.org")
    assert found.email_verified_at
    go(another)  # the same one again
    with db.read():
        assert User.select().count() == 2
        actions = [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id)]
        session = Session.select().where(Session.method.is_null(False)).first()
        assert (session.method, session.provided.subject) == ("corp", "ada")
    assert actions[:3] == ["user.added", "identity.linked", "signed.in"]


@ONE_DATABASE
def test_a_name_that_is_taken_is_never_whose_account_it_is(
    visitor: Person, alice: Person, fake: Fake, go: Go
) -> None:
    fake.info["preferred_username"] = "Alice"
    go(visitor)
    with db.read():
        names = [row.username for row in User.select().order_by(User.id)]
    assert names == ["alice", "Alice-2"]
    fake.claims["sub"] = fake.info["sub"] = "another"
    fake.info["preferred_username"] = "\u202e hidden"
    go(visitor)
    with db.read():
        assert User.select().order_by(User.id.desc()).first().username.startswith("user-")


@ONE_DATABASE
def test_nobody_but_an_admin_is_brought_to_an_empty_board(
    visitor: Person, fake: Fake, go: Go
) -> None:
    answer = go(visitor, empty=True)
    assert answer.status_code == 400
    assert "no admin yet" in answer.text
    with db.read():
        assert not User.select().exists()


@ONE_DATABASE
@pytest.mark.parametrize("provider", [{"create": False}])
def test_a_stranger_is_told_what_to_do(visitor: Person, fake: Fake, go: Go) -> None:
    answer = go(visitor, empty=True)
    assert answer.status_code == 400
    assert "No account here is linked with the one you have at Corp." in answer.text
    assert not is_signed_in(visitor)
    with db.read():
        assert not User.select().exists()


ADDRESS = {"email": "alice@example.org", "email_key": "alice@example.org"}


@ONE_DATABASE
@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    ("provider", "claims", "proved_here", "is_alice"),
    [
        ({"link_verified_email": True, "create": False}, {"email_verified": True}, True, True),
        ({"link_verified_email": True, "create": False}, {"email_verified": True}, False, False),
        ({"link_verified_email": True, "create": False}, {"email_verified": False}, True, False),
        ({"link_verified_email": True, "create": False}, {}, True, False),
        ({"link_verified_email": True, "create": False}, {"email_verified": "true"}, True, False),
        ({"create": False}, {"email_verified": True}, True, False),
    ],
)
def test_an_address_links_only_where_both_sides_proved_it(
    visitor: Person, fake: Fake, go: Go, claims: Any, proved_here: bool, is_alice: bool
) -> None:
    change("alice", **ADDRESS, email_verified_at=clock.now() if proved_here else None)
    fake.info |= {"email": "Alice@example.org", **claims}
    assert (go(visitor).status_code == 303) is is_alice
    with db.read():
        assert ProvidedIdentity.select().exists() is is_alice


@ONE_DATABASE
@pytest.mark.parametrize("provider", [{"link_verified_email": True, "create": False}])
def test_another_address_is_not_verified_by_the_word_for_this_one(
    visitor: Person, alice: Person, fake: Fake, go: Go
) -> None:
    change("alice", **ADDRESS, email_verified_at=clock.now())
    fake.claims["email"] = "alice@example.org"
    fake.info |= {"email": "eve@example.org", "email_verified": True}
    assert go(visitor).status_code == 400


@ONE_DATABASE
def test_userinfo_does_not_say_who_somebody_is(visitor: Person, fake: Fake, go: Go) -> None:
    fake.info |= {"iss": "https://other.test", "aud": "other", "sid": "another", "nonce": "x"}
    fake.claims["sid"] = "one"
    go(visitor)
    with db.read():
        assert ProvidedIdentity.get().issuer == ISSUER
        assert Session.get().idp_sid == "one"


@ONE_DATABASE
@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"disabled_at": clock.now()}, "Your account is disabled."),
        ({"disabled_at": clock.now(), "pending_at": clock.now()}, "waits for somebody to let"),
    ],
)
def test_who_may_not_sign_in_may_not_so_either(
    visitor: Person, app_client: Any, go: Go, values: Any, told: str
) -> None:
    another = new_client(app_client)
    go(visitor)
    change("ada", **values)
    answer = go(another)
    assert answer.status_code == 400
    assert told in answer.text
    assert not is_signed_in(another)


# Roles.

GROUPS = {
    "role_claim": "groups",
    "roles": (("staff", "member"), ("ops", "admin"), ("ext", "guest")),
    "default_role": "guest",
}
NESTED = GROUPS | {"role_claim": "realm_access.roles"}


@ONE_DATABASE
@pytest.mark.parametrize(
    ("provider", "claims", "role"),
    [
        (GROUPS, {"groups": ["ext", "staff", "ops"]}, "admin"),
        (GROUPS, {"groups": "staff"}, "member"),
        (GROUPS, {"groups": []}, "guest"),
        (GROUPS, {"groups": ["others"]}, "guest"),
        (GROUPS, {}, "moderator"),
        (GROUPS, {"groups": None}, "moderator"),
        (GROUPS, {"_claim_names": {"groups": "src1"}}, "moderator"),
        (NESTED, {"realm_access": {"roles": ["staff"]}}, "member"),
        (NESTED, {"realm_access": "x"}, "moderator"),
        ({}, {"groups": ["ops"]}, "moderator"),
    ],
)
def test_a_claim_that_is_missing_is_no_empty_one(
    visitor: Person, admin: Person, fake: Fake, go: Go, claims: Any, role: str
) -> None:
    go(visitor)
    change("ada-2", role="moderator")
    fake.info |= claims
    go(visitor)
    assert user("ada-2").role == role


@ONE_DATABASE
@pytest.mark.parametrize("provider", [GROUPS])
def test_the_last_admin_stays_one(
    visitor: Person, fake: Fake, go: Go, caplog: pytest.LogCaptureFixture
) -> None:
    fake.info["groups"] = ["ops"]
    go(visitor)
    assert (user("ada").role, user("ada").role_from) == ("admin", "corp")
    fake.info["groups"] = []
    with caplog.at_level(logging.WARNING):
        assert go(visitor).status_code == 303
    assert user("ada").role == "admin"
    assert "last admin" in caplog.text


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
    answer = visitor.post(f"/api/account/providers/{identity.id}/unlink")
    assert answer.status_code == 409
    assert "It is your only way in." in answer.text


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
        confirmed_at: Any = Session.get().confirmed_at
        assert confirmed_at > clock.now() - dt.timedelta(minutes=1)


@ONE_DATABASE
def test_another_account_there_confirms_nothing(alice: Person, fake: Fake, go: Go) -> None:
    fake.claims["auth_time"] = clock.now().timestamp()
    assert go(alice, "/oidc/corp/confirm").status_code == 400


# By a link.


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
