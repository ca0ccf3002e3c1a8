"""The page of invitations: who may invite to which role, and what the link is."""

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from service.access.roles import INVITES, ROLES
from service.data import db
from service.data.tables import AuditEntry
from tests.inside import run
from tests.joining.invited import actions, invite, join, role_of
from tests.people import ONE_DATABASE, PAGE, PROGRAM, Person, SignIn


def listed(person: Person) -> list[dict[str, object]]:
    answer = person.get("/admin/invites", headers=PROGRAM)
    assert answer.status_code == 200, answer.text
    return answer.json()["invites"]


@pytest.mark.parametrize("role", ["admin", "moderator", "member", "guest"])
def test_nobody_invites_above_what_their_role_may(
    sign_in: SignIn, decide: Callable[[str, str], None], role: str
) -> None:
    decide("members_invite", "yes")
    person = sign_in("somebody", role=role)
    given = {
        to
        for to in ROLES
        if person.post("/api/admin/invites", json={"role": to}).status_code == 201
    }
    assert given == INVITES.get(role, set())


def test_members_invite_only_where_an_option_lets_them(
    bob: Person, visitor: Person, decide: Callable[[str, str], None]
) -> None:
    assert bob.get("/admin/invites", headers=PAGE).status_code == 403
    assert bob.post("/api/admin/invites", json={}).status_code == 403
    decide("members_invite", "yes")
    code = invite(bob)
    decide("members_invite", "no")
    assert join(visitor, code, "Carol").status_code == 404


def test_the_link_is_shown_once_and_is_never_in_the_list(admin: Person) -> None:
    form = {"role": "guest", "uses": "3", "days": "30", "note": "  The   <auditors> "}
    made = admin.post("/api/admin/invites", data=form, headers=PAGE)
    assert made.status_code == 201
    (code,) = set(re.findall(r"/join\?code=([0-9a-f]{32})", made.text))
    again = admin.get("/admin/invites", headers=PAGE).text
    assert code not in again
    assert "The &lt;auditors&gt;" in again
    assert "3 of 3 left" in again
    with db.read():
        assert code not in str(list(AuditEntry.select().dicts()))


@ONE_DATABASE
def test_no_address_begins_with_the_host_that_a_request_names(admin: Person) -> None:
    answer = admin.post("/api/admin/invites", json={}, headers={"host": "evil.example"})
    assert answer.json()["address"] == f"/join?code={answer.json()['code']}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("uses", "0"), ("uses", "1001"), ("uses", "many")),
        *(("days", "0"), ("days", "366"), ("days", "-1"), ("note", "x" * 201)),
    ],
)
@ONE_DATABASE
def test_what_is_out_of_range_is_said_and_the_rest_is_kept(
    admin: Person, field: str, value: str
) -> None:
    form = {"role": "guest", "note": "For Bob"} | {field: value}
    refused = admin.post("/api/admin/invites", data=form, headers=PAGE)
    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text
    assert '<option value="guest" selected>' in refused.text
    assert form["note"] in refused.text
    assert listed(admin) == []


def test_one_sees_and_revokes_ones_own_and_an_admin_all(
    admin: Person, moderator: Person, visitor: Person
) -> None:
    admins, moderators = invite(admin), invite(moderator, note="Mo's")
    (own,) = listed(moderator)
    assert (own["note"], own["made_by"], own["left"]) == ("Mo's", "mo", 1)
    newer, older = listed(admin)
    assert newer == own
    refused = moderator.post(f"/api/admin/invites/{older['id']}/revoke", headers=PROGRAM)
    assert refused.status_code == 404
    done = admin.post(f"/api/admin/invites/{own['id']}/revoke", headers=PAGE)
    assert (done.status_code, done.headers["location"]) == (303, "/admin/invites?done=revoked")
    assert listed(moderator) == []
    assert join(visitor, moderators, "Bob").status_code == 404
    assert actions() == ["invite.made", "invite.made", "invite.revoked"]
    assert join(visitor, admins, "Bob").status_code == 200


def test_the_operator_invites_lists_and_revokes_by_commands(
    database_url: str, app_client: TestClient, visitor: Person
) -> None:
    def said(*arguments: str) -> str:
        done = run(database_url, "invite", *arguments, PUBLIC_URL="https://board.test/crew")
        assert done.returncode == 0, done.stderr
        return done.stdout

    address = said("--role", "admin", "--note", "Me")
    code = address.strip().removeprefix("https://board.test/crew/join?code=")
    number, role, left, _, maker, note = said("list").strip().split("\t")
    assert (role, left, maker, note) == ("admin", "1 of 1", "the operator", "Me")
    assert join(visitor, code, "Ada").status_code == 200
    assert role_of("Ada") == "admin"
    assert run(database_url, "invite", "revoke", number).returncode == 1
    said("--uses", "2")
    (second,) = (line.split("\t")[0] for line in said("list").splitlines())
    said("revoke", second)
    assert said("list") == ""
    wrong = run(database_url, "invite", "--uses", "0")
    assert (wrong.returncode, wrong.stderr) == (1, "Error: Enter a number from 1 to 1000.\n")
