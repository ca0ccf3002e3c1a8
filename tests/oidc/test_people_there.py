"""Who somebody is here by a provider's word: which account, in which role."""

from typing import Any

import pytest

from service.access import tokens
from service.base import clock
from service.data import db
from service.data.tables import AuditEntry, ProvidedIdentity, Session, User
from tests.oidc.fake import ISSUER, Fake
from tests.oidc.there import Go, change, user
from tests.people import ONE_DATABASE, Person, is_signed_in, new_client


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
    assert found.display_name == "Ada Lovelace"
    fake.info["name"] = "Another"
    go(another)  # the same one again
    with db.read():
        assert User.select().count() == 2
        assert User.get_by_id(found.id).display_name == "Ada Lovelace"
        actions = [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id)]
        session = Session.select().where(Session.method.is_null(False)).first()
        assert (session.method, session.provided.subject) == ("corp", "ada")
    assert actions[:3] == ["user.added", "identity.linked", "signed.in"]


@ONE_DATABASE
@pytest.mark.parametrize("name", ["Alice", "a\u202eb", "x" * 51, "Board", " ", "ada"])
def test_a_name_there_that_may_not_be_shown_here_is_none(
    visitor: Person, alice: Person, fake: Fake, go: Go, name: str
) -> None:
    fake.info["name"] = name
    assert go(visitor).status_code == 303
    assert user("ada").display_name is None


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
