"""What can't be undone asks once, and says what will happen; without a script, too."""

import re

from service.accounts import accounts
from tests.people import PAGE, PROGRAM, Person


def asked(person: Person, page: str, address: str) -> str:
    """Return what the form asks that sends to an address; it is the only one there that does."""
    text = person.get(page, headers=PAGE).text
    assert text.count(f'action="{address}"') == 1
    found = re.search(rf'<form class="asked" action="{address}".*?<p>(.*?)</p>', text, re.DOTALL)
    assert found
    return found[1]


def test_an_invitation_is_taken_back_for_good(admin: Person) -> None:
    answer = admin.post("/api/admin/invites", json={"role": "member"}, headers=PROGRAM)
    revoke = f"/api/admin/invites/{answer.json()['id']}/revoke"
    assert "for good" in asked(admin, "/admin/invites", revoke)


def test_signing_out_everywhere_says_that_it_is_here_too(alice: Person) -> None:
    assert "on this one, too" in asked(alice, "/account", "/api/account/sessions/end")


def test_admins_are_asked_before_they_end_sessions(admin: Person, alice: Person) -> None:
    account = accounts.find("alice")
    assert account
    text = admin.get(f"/admin/people/{account.id}", headers=PAGE).text
    assert re.search(r'<form class="asked" action="[^"]+/sessions/end"', text)
