"""The formats of backups: which columns of which tables.

A format is raised when an older release could not read what a newer one writes, and those before
it stay as they are: a backup made by any release can be restored.
"""

from service.access.roles import ROLES
from service.data import rules
from service.data.tables import (
    AuditEntry,
    Bot,
    Event,
    Membership,
    Mention,
    Message,
    Option,
    Passkey,
    ProvidedIdentity,
    Reaction,
    RecoveryCode,
    Room,
    SecondFactor,
    User,
)
from service.keep.archive import Entry
from service.keep.kinds import BIG_SERIAL, SERIAL, Kind, Moment, Number, Optional, Text, Truth

NUMBER, USER = Number(BIG_SERIAL), Number(SERIAL)

USER_COLUMNS: dict[str, Kind] = {
    "id": USER,
    "username": Text(rules.MAX_NAME),
    "username_key": Text(200),
    "password_hash": Text(255),
    "timezone": Text(50, shape=rules.ZONE),
    "created_at": Moment(),
    "disabled_at": Optional(Moment()),
}
# What the third format adds.
PERSON: dict[str, Kind] = {
    "role": Text(16, ROLES),
    "display_name": Optional(Text(rules.MAX_NAME)),
    "display_key": Optional(Text(200)),
    "email": Optional(Text(254)),
    "email_key": Optional(Text(254)),
    "email_verified_at": Optional(Moment()),
    "pending_at": Optional(Moment()),
    "wanted_name": Optional(Text(rules.MAX_NAME)),
    "pending_note": Optional(Text(200)),
    "role_from": Optional(Text(20)),
    "deleted_at": Optional(Moment()),
    "emptying_at": Optional(Moment()),
}
USERS = Entry(User, USER_COLUMNS, rules.user)
PEOPLE = Entry(User, USER_COLUMNS | PERSON, rules.person)
# What the fourth format adds.
LOOK: dict[str, Kind] = {
    "theme": Text(8, ("system", "light", "dark")),
    "hours": Text(2, ("", "12", "24")),
    "newest_first": Truth(),
}
ROOM: dict[str, Kind] = {
    "id": Number(SERIAL),
    "slug": Text(32, shape=rules.SLUG),
    "kind": Text(16, ("open", "private", "direct")),
    "name": Text(100),
    "topic": Text(1000),
    "direct_key": Optional(Text(255)),
    "last_number": NUMBER,
    "created_by_id": Optional(USER),
    "archived_at": Optional(Moment()),
    "deleted_at": Optional(Moment()),
}
ROOMS = Entry(Room, ROOM)
NAMED_ROOMS = Entry(
    Room, ROOM | {"name_key": Optional(Text(200)), "created_at": Optional(Moment())}
)
MEMBERSHIPS = Entry(
    Membership,
    {
        "id": NUMBER,
        "room_id": Number(SERIAL),
        "user_id": USER,
        "read_number": NUMBER,
        "level": Text(16, ("everything", "mentions", "nothing")),
        "joined_at": Moment(),
    },
)
MENTIONS = Entry(
    Mention,
    {
        "id": NUMBER,
        "user_id": USER,
        "message_id": NUMBER,
        "room_id": Number(SERIAL),
        "number": NUMBER,
    },
)
REACTIONS = Entry(
    Reaction,
    {
        "id": NUMBER,
        "message_id": NUMBER,
        "user_id": USER,
        "emoji": Text(32),
        "reacted_at": Moment(),
    },
)
# Of all formats. A board of the first has one room, and its messages' numbers are their ids.
MESSAGE: dict[str, Kind] = {
    "id": NUMBER,
    "author_id": USER,
    "text": Text(rules.MAX_TEXT),
    "timestamp": Moment(),
    "edited_at": Optional(Moment()),
    "deleted_at": Optional(Moment()),
    "seq": NUMBER,
    "client_key": Text(rules.MAX_CLIENT_KEY, shape=rules.CLIENT_KEY),
    "posted_digest": Text(64, shape=rules.DIGEST),
}
IN_ROOM: dict[str, Kind] = {
    "room_id": Number(SERIAL),
    # None where the release before this one restored, until this one starts.
    "number": Optional(NUMBER),
    "version": Optional(NUMBER),
    "parent_id": Optional(NUMBER),
    "kind": Text(16, ("text", "system")),
    "pinned_at": Optional(Moment()),
    "pinned_by_id": Optional(USER),
}

EVENTS = Entry(
    Event,
    {
        "seq": NUMBER,
        "kind": Text(16, shape=rules.EVENT_KIND),
        "message_id": Optional(NUMBER),
        "created_at": Moment(),
        "room_id": Number(SERIAL),
        "subject": Optional(NUMBER),
        "user_id": Optional(USER),
    },
    rules.event,
)
IDENTITIES = Entry(
    ProvidedIdentity,
    {
        "id": USER,
        "user_id": USER,
        "issuer": Text(255),
        "subject": Text(255),
        "name": Text(254),
        "created_at": Moment(),
        "used_at": Moment(),
    },
)
BOTS = Entry(Bot, {"user_id": USER, "owner_id": USER, "created_at": Moment()})
SECOND_FACTORS = Entry(
    SecondFactor,
    {
        "user_id": USER,
        "totp_secret": Optional(Text(500)),
        "totp_step": Optional(NUMBER),
        "set_up_at": Optional(Moment()),
        "failures": USER,
        "locked_until": Optional(Moment()),
    },
)
RECOVERY_CODES = Entry(
    RecoveryCode,
    {
        "code_hash": Text(64, shape=rules.HASHED),
        "user_id": USER,
        "used_at": Optional(Moment()),
    },
)
PASSKEYS = Entry(
    Passkey,
    {
        "id": USER,
        "user_id": USER,
        "id_hash": Text(64, shape=rules.HASHED),
        "credential": Text(3000),
        "user_handle": Text(64),
        "name": Text(rules.MAX_NAME),
        "rp_id": Text(253),
        "sign_count": NUMBER,
        "backed_up": Truth(),
        "created_at": Moment(),
        "used_at": Optional(Moment()),
    },
)
OPTIONS = Entry(
    Option,
    {
        "name": Text(50),
        "value": Text(10_000),
        "changed_at": Moment(),
        "changed_by_id": Optional(USER),
    },
)
AUDIT = Entry(
    AuditEntry,
    {
        "id": NUMBER,
        "at": Moment(),
        "actor_id": Optional(USER),
        "actor": Text(64),
        "action": Text(32),
        "target_id": Optional(USER),
        "target": Text(64),
        "address": Text(64),
        "detail": Text(10_000),
    },
)

# Each in an order in which every table refers to the ones before it only.
FORMATS: dict[int, tuple[Entry, ...]] = {
    1: (
        USERS,
        Entry(Message, MESSAGE, rules.message),
        Entry(
            Event,
            {
                "seq": NUMBER,
                "kind": Text(16, ("posted", "edited", "deleted")),
                "message_id": NUMBER,
                "created_at": Moment(),
            },
        ),
    ),
    2: (
        USERS,
        ROOMS,
        Entry(Message, MESSAGE | IN_ROOM, rules.message),
        EVENTS,
    ),
    3: (
        PEOPLE,
        IDENTITIES,
        BOTS,
        SECOND_FACTORS,
        RECOVERY_CODES,
        PASSKEYS,
        ROOMS,
        Entry(Message, MESSAGE | IN_ROOM | {"removed_at": Optional(Moment())}, rules.message),
        EVENTS,
        OPTIONS,
        AUDIT,
    ),
    4: (
        Entry(User, USER_COLUMNS | PERSON | LOOK, rules.person),
        IDENTITIES,
        BOTS,
        SECOND_FACTORS,
        RECOVERY_CODES,
        PASSKEYS,
        NAMED_ROOMS,
        MEMBERSHIPS,
        Entry(Message, MESSAGE | IN_ROOM | {"removed_at": Optional(Moment())}, rules.message),
        MENTIONS,
        REACTIONS,
        EVENTS,
        OPTIONS,
        AUDIT,
    ),
}
NEWEST = max(FORMATS)

# Every other table, and every other column of those above, with the reason.
LEFT_OUT = {
    "api_tokens": "one that was revoked since would be good again",
    "links": "one that was used or revoked since would be good again",
    "sessions": "one that was ended since would come to life again",
    "known_networks": "a password that was changed since would be known there again",
    "failures": "count for an hour at most",
    "spent": "what expires soon anyway",
    "event_counter": "goes on from the manifest's seq, under a new epoch",
    "schema_floor": "is the program's, as are the steps",
    "schema_migration": "is the program's, as are the steps",
    "message_index": "is made from the words",
    "users.name_skeleton": "follows from the names",
    "users.display_skeleton": "follows from the names",
    "messages.words": "are made from the text",
    "messages.search": "is made from the words",
}
