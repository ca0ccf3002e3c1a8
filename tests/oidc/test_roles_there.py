"""Which role somebody has by a provider's word."""

import logging
from typing import Any

import pytest

from tests.oidc.fake import Fake
from tests.oidc.there import Go, change, user
from tests.people import ONE_DATABASE, PAGE, Person

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
def test_who_looks_after_people_sees_which_role_is_the_providers(
    visitor: Person, admin: Person, fake: Fake, go: Go
) -> None:
    fake.info["groups"] = []
    go(visitor)
    page = admin.get(f"/admin/people/{user('ada-2').id}", headers=PAGE).text
    assert "as Corp says" in page
    assert "Corp says this role anew whenever they sign in there." in page
    assert "Corp" not in admin.get(f"/admin/people/{user('ada').id}", headers=PAGE).text


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
