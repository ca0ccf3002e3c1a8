"""People as those see them who look after them."""

from typing import Any

from service.base import clock
from service.people.listing import Page, Person
from service.web.render import Look

ROLES = {"admin": "Admin", "moderator": "Moderator", "member": "Member", "guest": "Guest"}
ROLES |= {"bot": "Bot"}
STATES = {
    "active": "Active",
    "pending": "Waits to be let in",
    "disabled": "Disabled",
    "deleted": "Deleted",
}
# What each role may, in the words of a choice.
MAY = {
    "admin": "looks after people and the board",
    "moderator": "removes messages, lets people in and keeps them out",
    "member": "reads and posts",
    "guest": "reads",
}


def as_json(person: Person) -> dict[str, Any]:
    """Return somebody as programs get them."""
    account = person.account
    return {
        "id": account.id,
        "username": account.username,
        "display_name": account.display_name,
        "role": account.role,
        "role_from": account.role_from,
        "state": account.state,
        "emptying": account.emptying,
        "email": account.email,
        "wanted_name": account.wanted_name,
        "note": account.note,
        "second_factor": person.second,
        "created_at": clock.utc(person.created_at),
    }


def page_as_json(page: Page) -> dict[str, Any]:
    """Return a page of people as programs get it."""
    listed = list(map(as_json, page.people))
    return {"people": listed, "page": page.number, "pages": page.pages, "found": page.found}


look = Look(filters={"role": ROLES.__getitem__, "state": STATES.__getitem__})
