"""What admins decide of the board while it runs: each option is declared once, and kept as text.

An option that nobody has set has its default, which is a setting's value where it names one.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from starlette.types import Scope

from service.access import admins, audit
from service.access.audit import Actor
from service.base import clock, lanes, values
from service.base.config import DECLARED as SETTINGS
from service.base.config import Settings
from service.base.dates import LANGUAGES
from service.base.errors import Invalid, NotFound, Unavailable
from service.base.values import Choice, Line, Number, Unusable
from service.data import db
from service.data.tables import Option

TRUSTED_FOR = 2.0  # seconds; what changes must be seen within 5
MAX_BOARD_NAME = 50  # characters
MOST_IDLE = 168  # hours; a session ends after these, used or not
Registration = Literal["off", "invite", "approval", "domains"]
REGISTRATIONS: dict[Registration, str] = {
    "off": "Nobody but whom an admin invites",
    "invite": "Whoever has an invitation",
    "approval": "Everybody; a moderator or admin lets them in",
    "domains": "Whoever has an e-mail address in one of the domains below",
}
NO_MAIL = (
    "An address has to be proved by mail, and the board sends none: set SMTP_URL and PUBLIC_URL."
)
Duty = Literal["nobody", "admins", "everybody"]
DUTIES: dict[Duty, str] = {
    "nobody": "Nobody; who likes has one",
    "admins": "Admins",
    "everybody": "Everybody",
}
BY_THEMSELVES: frozenset[Registration] = frozenset({"approval", "domains"})


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is decided; None leaves it to the setting of that name."""

    board_name: str | None = None
    date_language: str = "en"
    registration: Registration = "invite"
    domains: tuple[str, ...] = ()
    members_invite: bool = False
    members_make_rooms: bool = True
    second_factor: Duty = "nobody"
    idle_hours: int = MOST_IDLE
    changes_per_minute: int | None = None
    streams_per_user: int | None = None

    def over(self, settings: Settings) -> "Options":
        """Return these with the settings' values where nothing else is decided."""
        unset = {name for name, value in asdict(self).items() if value is None}
        return replace(self, **{name: getattr(settings, name) for name in unset})

    def let_make_rooms(self, role: str) -> bool:
        """Say whether who may make rooms, by what their role is, may do so here."""
        return role != "member" or self.members_make_rooms


DEFAULTS = Options()


@dataclass(frozen=True)
class Declared:
    """An option in words for a page, and what makes its value of a text, or raises Unusable."""

    label: str
    help: str
    kind: Callable[[str], Any]
    schema: dict[str, Any] = field(default_factory=dict)  # in the API, beside that it is text


# All of them work without a restart. The rest of the settings needs one.
DECLARED: dict[str, Declared] = {
    "board_name": Declared(
        "Name of the board", "On every page, and in the title of the API.", Line(MAX_BOARD_NAME)
    ),
    "date_language": Declared(
        "Language of dates", "In which days and months are written.", Choice(tuple(LANGUAGES))
    ),
    "registration": Declared(
        "Who may register",
        "Nobody but whom an admin invites; whoever has an invitation; everybody, to be let in by a "
        "moderator or admin; or whoever has an e-mail address in one of the domains below.",
        Choice(tuple(REGISTRATIONS)),
    ),
    "domains": Declared(
        "E-mail domains", "Such as example.org; several are separated by blanks.", values.domains
    ),
    "members_invite": Declared(
        "Members may invite",
        "Other members, by a link. Moderators and admins always may.",
        values.switch,
    ),
    "members_make_rooms": Declared(
        "Members may make rooms",
        "Open and private ones. Moderators and admins always may.",
        values.switch,
    ),
    "second_factor": Declared(
        "Who must have a second factor",
        "Beside the password: an app's codes, or a passkey. Who has none can only set one up. "
        "Whoever signs in through a provider is asked for it there.",
        Choice(tuple(DUTIES)),
    ),
    "idle_hours": Declared(
        "Hours until a session ends that nobody uses",
        "An open page that nobody touches is not in use. After seven days a session ends anyway.",
        Number(1, MOST_IDLE),
    ),
    "changes_per_minute": Declared(
        "Changes per minute",
        "Posts, edits and deletions per user and worker process, or with Redis per user; "
        "a fifth of them at once.",
        SETTINGS["changes_per_minute"].kind,
    ),
    "streams_per_user": Declared(
        "Open pages per user", "Per worker process.", SETTINGS["streams_per_user"].kind
    ),
}


class Current:
    """The options as this process knows them, and how many wait to be let in."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asked_at = self._read_at = float("-inf")
        self._watching: list[Callable[[Options], None]] = []
        self.known = Options().over(settings)
        self.waiting = 0  # which the menu of those says who may let them in

    @property
    def board_name(self) -> str:
        return self.known.board_name or self._settings.board_name

    def watch(self, *told: Callable[[Options], None]) -> None:
        """Call them with the options from now on, whenever those have changed."""
        self._watching += told

    async def catch_up(self, scope: Scope) -> None:
        """Read them again unless that was tried of late; where it can't be, they stay as known."""
        now = time.monotonic()
        if now - self._asked_at < TRUSTED_FOR:
            return
        self._asked_at = now  # whoever comes meanwhile goes on with what is known
        with suppress(*db.UNAVAILABLE, Unavailable):
            await lanes.run(scope, "reads", self.refresh)

    def refresh(self) -> Options:
        """Read them and return them; after a change of one's own, for it to be seen at once."""
        started = time.monotonic()
        with db.read():
            found = read().over(self._settings)
            waiting = admins.waiting()
        if started > self._read_at:
            self._read_at = self._asked_at = started
            self.waiting = waiting
            if found != self.known:  # else they stay the ones that pages were rendered with
                self.known = found
                for tell in self._watching:
                    tell(found)
        return found


def read() -> Options:
    """Return the options as they are stored, in the caller's transaction or connection.

    Rows of a later release are passed over: names that are not known, values that are none here.
    """
    found = {}
    for row in Option.select(Option.name, Option.value):
        if declared := DECLARED.get(row.name):
            with suppress(Unusable):
                found[row.name] = declared.kind(row.value)
    return Options(**found)


def set(by: Actor, name: str, text: str, *, mails: bool = True) -> None:
    """Change one option, in the caller's transaction; an empty text takes it back to its default.

    `mails` says whether the board sends mail. Raises Invalid, and NotFound if there is none of
    that name.
    """
    set_all(by, {name: text}, mails=mails)


def set_all(by: Actor, given: Mapping[str, str], *, mails: bool = True) -> None:
    """Change several, all or nothing."""
    before = read()
    after = replace(before, **_values(given))
    if after.registration == "domains" != before.registration and not mails:
        raise Invalid(registration=NO_MAIL)
    if after.registration == "domains" and not after.domains:
        raise Invalid(domains="Name the domains whose addresses may register, such as example.org.")
    for name in given:
        old, new = getattr(before, name), getattr(after, name)
        if new != old:
            _store(by, name, new)
            audit.note(by, "option.changed", option=name, old=written(old), new=written(new))


def _values(given: Mapping[str, str]) -> dict[str, Any]:
    found, faults = {}, {}
    for name, text in given.items():
        if name not in DECLARED:
            raise NotFound(f"There is no option named {name}.")
        try:
            found[name] = DECLARED[name].kind(text) if text.strip() else getattr(DEFAULTS, name)
        except Unusable as bad:
            faults[name] = " ".join(f"It {fault}" for fault in bad.args)
    if faults:
        raise Invalid(**faults)
    return found


def _store(by: Actor, name: str, value: Any) -> None:
    if value == getattr(DEFAULTS, name):
        Option.delete().where(Option.name == name).execute()
        return
    changed = {
        Option.value: written(value),
        Option.changed_at: clock.now(),
        Option.changed_by: by.who.id,
    }
    Option.insert({Option.name: name, **changed}).on_conflict(
        conflict_target=[Option.name], update=changed
    ).execute()


def written(value: Any) -> str:
    """Return a value as the text that is stored, and made of it again."""
    if isinstance(value, bool):
        return next(text for text, meaning in values.SWITCH.items() if meaning is value)
    if isinstance(value, tuple):
        return " ".join(value)
    return "" if value is None else str(value)
