"""Who may ask for what: a line for each route that there is."""

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from service.access import audit, sessions
from service.access.roles import Action
from service.access.visible import Member
from service.accounts import accounts
from service.base import clock
from service.base.providers import Provider
from service.data import db
from service.data.tables import User
from service.links import links
from service.messages import writing
from service.oidc import identities
from service.oidc.claims import Told
from service.rooms import making
from service.tokens import tokens
from service.tokens.terms import Terms
from tests.passkeys import use
from tests.people import add_bot, add_person, password_hash
from tests.rooms import add_room


@dataclass(frozen=True)
class Row:
    """Who gets more than a refusal from a route, and what it is sent."""

    action: Action | None = None  # none: anybody, signed in or not
    sent: dict[str, str] = field(default_factory=dict)
    own: bool = False  # another's is not to be found
    others: Action | None = None  # who may do this is not kept from another's
    gone: bool = False  # nobody finds anything there: users, no provider, a wrong code
    halfway: bool = False  # for whoever has told the right password, and nobody else
    provided: bool = False  # nothing is there on a board without providers, or without an address
    private: bool = False  # of a room that is private
    ends: bool = False  # it ends the session of whoever asks


anyone = partial(Row, None)
inside = partial(Row, own=True, private=True)

ROWS: dict[str, Row] = {
    "GET /": anyone(),
    "GET /healthz": anyone(),
    "GET /readyz": anyone(),
    "GET /docs": anyone(),
    "GET /manifest.webmanifest": anyone(),
    "GET /favicon.ico": anyone(),
    "GET /robots.txt": anyone(),
    "GET /.well-known/change-password": anyone(),
    "POST /api/login": anyone(),
    "GET /second": anyone(),
    "POST /api/second": anyone(halfway=True),
    "GET /api/logout": anyone(ends=True),
    "POST /api/logout": anyone(ends=True),
    "GET /forgotten": anyone(),
    "POST /api/forgotten": anyone(),
    "GET /register": anyone(),
    "POST /api/register": anyone(gone=True),  # by invitation only
    "GET /email": anyone(gone=True),
    "POST /api/email": anyone(gone=True),
    "GET /reset": anyone(gone=True),
    "POST /api/reset": anyone(gone=True),
    "POST /api/admin/people/{user_id}/reset": Row("manage"),
    "GET /oidc/{provider}": anyone(gone=True),
    "GET /oidc/{provider}/callback": anyone(gone=True),
    "GET /oidc/{provider}/logout": anyone(gone=True),
    "POST /oidc/{provider}/logout": anyone(gone=True),
    "GET /oidc/{provider}/link": Row("account", provided=True),
    "GET /oidc/{provider}/confirm": Row("account", provided=True),
    "GET /identity": anyone(gone=True),
    "GET /account/providers": Row("account"),
    "POST /api/account/providers/{identity_id}/unlink": Row("account", own=True),
    "POST /api/admin/people/{user_id}/identity": Row("manage", provided=True),
    "GET /api/passkey/question": anyone(
        gone=True
    ),  # a board that does not know its address has none
    "POST /api/passkey": anyone(gone=True),
    "GET /api/passkey/second/question": anyone(halfway=True),
    "POST /api/passkey/second": anyone(halfway=True),
    "GET /api/passkey/confirm/question": Row("account", provided=True),
    "POST /api/passkey/confirm": Row("account", provided=True),
    "GET /account/passkeys": Row("account"),
    "GET /account/passkeys/new": Row("account", provided=True),
    "POST /api/account/passkeys": Row("account", provided=True),
    "POST /api/account/passkeys/{passkey_id}/name": Row("account", {"name": "Phone"}, own=True),
    "POST /api/account/passkeys/{passkey_id}/remove": Row("account", own=True),
    "GET /rooms": Row("read"),
    "POST /api/read": Row("read", {"number": "1"}),
    "POST /api/rooms/{slug}/read": Row("read", {"number": "1"}),
    "POST /api/message/{message_id}/unread": Row("read"),
    "POST /api/rooms/{slug}/message/{message_id}/unread": Row("read"),
    "GET /rooms/rail": Row("read"),
    "GET /msgs": Row("read"),
    "GET /msgs/matches": Row("read"),
    "GET /search": Row("read"),
    "GET /search/filters": Row("read"),
    "GET /api/search": Row("read"),
    "GET /msgs/search": Row("read"),
    "GET /api/messages/all": Row("read"),
    "GET /api/messages": Row("read"),
    "GET /rooms/{slug}": Row("read"),
    "GET /rooms/{slug}/matches": Row("read"),
    "GET /rooms/{slug}/search": Row("read"),
    "GET /api/rooms/{slug}/messages": Row("read"),
    "HEAD /api/events": Row("read"),  # in place of a GET, which has no end
    "GET /msgs/{message_id}": Row("read"),
    "GET /msgs/day": Row("read"),
    "GET /rooms/{slug}/day": Row("read"),
    "GET /api/message/{message_id}": Row("read"),
    "GET /rooms/{slug}/{message_id}": Row("read"),
    "GET /api/rooms/{slug}/message/{message_id}": Row("read"),
    "POST /api/message": Row("post", {"message": "Hi"}),
    "POST /api/preview": Row("post", {"message": "Hi"}),
    "POST /api/rooms/{slug}/preview": Row("post", {"message": "Hi"}),
    "GET /api/mentionable": Row("post"),
    "GET /api/rooms/{slug}/mentionable": Row("post"),
    "GET /msgs/{message_id}/edit": Row("post", own=True),
    "POST /api/message/{message_id}/edit": Row("post", {"message": "Hi"}, own=True),
    "GET /msgs/{message_id}/deletion": Row("post", own=True, others="moderate"),
    "POST /api/message/{message_id}/deletion": Row("post", own=True, others="moderate"),
    "POST /api/rooms/{slug}/message": Row("post", {"message": "Hi"}),
    "GET /rooms/{slug}/{message_id}/edit": Row("post", own=True),
    "POST /api/rooms/{slug}/message/{message_id}/edit": Row("post", {"message": "Hi"}, own=True),
    "GET /rooms/{slug}/{message_id}/deletion": Row("post", own=True, others="moderate"),
    "POST /api/rooms/{slug}/message/{message_id}/deletion": Row(
        "post", own=True, others="moderate"
    ),
    "GET /msgs/{message_id}/reactions": Row("read"),
    "GET /rooms/{slug}/{message_id}/reactions": Row("read"),
    "POST /api/message/{message_id}/reaction": Row("post", {"emoji": "👍"}),
    "POST /api/message/{message_id}/reaction/removal": Row("post", {"emoji": "👍"}),
    "POST /api/rooms/{slug}/message/{message_id}/reaction": Row("post", {"emoji": "👍"}),
    "POST /api/rooms/{slug}/message/{message_id}/reaction/removal": Row("post", {"emoji": "👍"}),
    "GET /api/message/{message_id}/quote": Row("post"),
    "GET /api/rooms/{slug}/message/{message_id}/quote": Row("post"),
    "GET /msgs/pins": Row("read"),
    "GET /rooms/{slug}/pins": Row("read"),
    "GET /api/pins": Row("read"),
    "GET /api/rooms/{slug}/pins": Row("read"),
    "POST /api/message/{message_id}/pin": Row("post"),
    "POST /api/message/{message_id}/pin/removal": Row("post"),
    "POST /api/rooms/{slug}/message/{message_id}/pin": Row("post"),
    "POST /api/rooms/{slug}/message/{message_id}/pin/removal": Row("post"),
    "GET /msgs/{message_id}/thread": Row("read"),
    "GET /rooms/{slug}/{message_id}/thread": Row("read"),
    "GET /api/message/{message_id}/replies": Row("read"),
    "GET /api/rooms/{slug}/message/{message_id}/replies": Row("read"),
    "POST /api/message/{message_id}/reply": Row("post", {"message": "Hi"}),
    "POST /api/rooms/{slug}/message/{message_id}/reply": Row("post", {"message": "Hi"}),
    "GET /account": Row("account"),
    "POST /api/account/name": Row("account", {"display_name": "Ann"}),
    "POST /api/account/email": Row("account", {"email": "ann@example.org"}),
    "POST /api/account/look": Row("account", {"theme": "dark"}),
    "POST /api/account/timezone": Row("account", {"user_timezone": "UTC"}),
    "POST /api/account/password": Row("account"),
    "POST /api/account/sessions/{session_id}/end": Row("account", own=True),
    "GET /account/second": Row("account"),
    "POST /api/account/second": Row("account"),
    "POST /api/account/second/codes": Row("account"),
    "POST /api/account/second/off": Row("account"),
    "GET /setup": anyone(),
    "POST /api/setup": anyone(gone=True),
    "GET /join": anyone(gone=True),
    "POST /api/join": anyone(gone=True),
    "GET /admin/invites": Row("invite"),
    "POST /api/admin/invites": Row("invite", {"role": "member"}),
    "POST /api/admin/invites/{invite_id}/revoke": Row("invite", own=True, others="manage"),
    "GET /rooms/new": Row("room"),
    "GET /rooms/open": Row("read"),
    "GET /direct/new": Row("direct"),
    "GET /msgs/details": Row("read"),
    "GET /rooms/{slug}/details": inside("read"),
    "GET /rooms/{slug}/deletion": inside("read"),
    "GET /rooms/{slug}/private": inside("read"),
    "GET /rooms/{slug}/leaving": inside("read"),
    "GET /api/rooms": Row("read"),
    "POST /api/rooms": Row("room", {"name": "Garden"}),
    "POST /api/direct": Row("direct", {"to": "olga"}),
    "GET /api/rooms/{slug}": inside("read"),
    "GET /api/rooms/{slug}/members": inside("read"),
    "POST /api/rooms/{slug}/members": inside("post", {"to": "its-owner"}),
    "POST /api/rooms/{slug}/members/end": inside("post", {"username": "its-owner"}),
    "POST /api/rooms/{slug}/membership": inside("join"),
    "POST /api/rooms/{slug}/membership/end": inside("join"),
    "POST /api/rooms/{slug}/level": inside("join", {"level": "nothing"}),
    "POST /api/rooms/{slug}/name": inside("post", {"name": "Shed"}),
    "POST /api/rooms/{slug}/topic": inside("post", {"topic": "Beds"}),
    "POST /api/rooms/{slug}/private": inside("post"),
    "POST /api/rooms/{slug}/archive": inside("post"),
    "POST /api/rooms/{slug}/archive/end": inside("post"),
    "POST /api/rooms/{slug}/deletion": inside("post"),
    "GET /confirm": Row("account"),
    "POST /api/confirm": Row("account"),
    "GET /account/tokens": Row("account"),
    "POST /api/account/tokens": Row("account", {"name": "A program", "scopes": "read"}),
    "POST /api/account/tokens/{token_id}/revoke": Row("account", own=True),
    "GET /account/bots": Row("account"),
    "GET /admin/bots": Row("manage"),
    "POST /api/admin/bots": Row("manage", {"username": "robot", "owner": "nobody"}),
    "GET /bots/{bot_id}": Row("account", own=True, others="manage"),
    "POST /api/bots/{bot_id}": Row("manage", {"owner": "olga"}),
    "POST /api/bots/{bot_id}/tokens": Row(
        "account", {"name": "A program", "scopes": "read"}, own=True, others="manage"
    ),
    "POST /api/bots/tokens/{bot_token_id}/revoke": Row("account", own=True, others="manage"),
    "GET /account/export": Row("account"),
    "POST /api/account/export": Row("account"),
    "GET /account/deletion": Row("account"),
    "POST /api/account/deletion": Row("account"),
    "GET /account/deleted": anyone(),
    "POST /api/account/sessions/end": Row("account", ends=True),
    "GET /admin/board": Row("manage"),
    "POST /api/admin/backup": Row("manage"),
    "GET /admin/people": Row("admit"),
    "GET /admin/people/{user_id}": Row("admit"),
    "GET /admin/people/{user_id}/deletion": Row("admit"),
    "POST /api/admin/people/{user_id}/role": Row("manage", {"role": "guest"}),
    "POST /api/admin/people/{user_id}/disable": Row("admit"),
    "POST /api/admin/people/{user_id}/enable": Row("admit"),
    "POST /api/admin/people/{user_id}/approve": Row("admit"),
    "POST /api/admin/people/{user_id}/sessions/end": Row("manage"),
    "POST /api/admin/people/{user_id}/second/reset": Row("manage"),
    "POST /api/admin/people/{user_id}/deletion": Row("admit", {"texts": "keep"}),
    "GET /admin/options": Row("manage"),
    "POST /api/admin/options": Row("manage"),
    "GET /admin/audit": Row("manage"),
    "GET /admin/audit.csv": Row("manage"),
}


def _message(owner: accounts.Account) -> object:
    return writing.post(owner.id, "Hello").id


def _session(owner: accounts.Account) -> object:
    return sessions.start(owner.id, password_hash(), "UTC", "Another").session_id


def _waiting(_: accounts.Account) -> object:
    """Return somebody who has registered: moderators may do as much to them as to anybody."""
    made = add_person(secrets.token_hex(8))
    with db.write():
        wait = {"pending_at": clock.now(), "disabled_at": clock.now()}
        User.update(wait).where(User.id == made.id).execute()
    return made.id


def _invite(owner: accounts.Account) -> object:
    with db.write():
        return links.make("invite", owner.id, dt.timedelta(days=1), role="member")[0].id


def _identity(owner: accounts.Account) -> object:
    told = Told(f"https://{secrets.token_hex(8)}.test", "1")
    with db.write():
        user = User.get_by_id(owner.id)
        return identities.tie(audit.OPERATOR, Provider(name="corp"), user, told).id


def _token(owner: accounts.Account) -> object:
    return tokens.make(audit.OPERATOR, owner.id, Terms("Theirs", ("read",)))[0].id


def _passkey(owner: accounts.Account) -> object:
    return use.keep(owner.id)


def _private_room(owner: accounts.Account) -> str:
    by = audit.Actor(audit.Someone(owner.id, owner.username))
    return making.make(Member(owner.id), by, "Party", "private").place.slug


def _bot(owner: accounts.Account) -> int:
    return add_bot(secrets.token_hex(8), owner).id


def _bot_token(owner: accounts.Account) -> object:
    return tokens.make(audit.OPERATOR, _bot(owner), Terms("Its", ("read",)))[0].id


def _room(owner: accounts.Account) -> object:
    slug = secrets.token_hex(8)
    writing.post(owner.id, "Hello", place=add_room(slug, "open", owner.id))
    return slug


# What makes the thing that an address names, its owner's, anew once somebody has changed it.
THINGS: dict[str, Callable[[accounts.Account], object]] = {
    "message_id": _message,
    "session_id": _session,
    "user_id": _waiting,
    "invite_id": _invite,
    "identity_id": _identity,
    "token_id": _token,
    "passkey_id": _passkey,
    "bot_id": _bot,
    "bot_token_id": _bot_token,
    "slug": _room,
    "provider": lambda _: "corp",
}
# A room that nobody else sees.
PRIVATE: dict[str, Callable[[accounts.Account], object]] = {"slug": _private_room}
# In a room of its own, where the thing's number is another than its id.
IN_ROOM: dict[str, Callable[[accounts.Account], object]] = {
    "slug": _room,
    "message_id": lambda _: 1,
}
