"""Coming in by a provider's word: as whom, in which role, or why not."""

import logging
import secrets
from contextlib import suppress

from service.access import audit, devices, names, sessions, tokens
from service.access.audit import Actor, Someone
from service.access.identity import Identity
from service.access.roles import PEOPLE, Role
from service.access.visitors import Visitor
from service.accounts import accounts
from service.base import clock
from service.base.errors import Conflict, Invalid
from service.base.providers import ROLES, Provider
from service.data import db
from service.data.tables import ProvidedIdentity, User
from service.joining import invites
from service.links import links
from service.links.links import Worthless
from service.mail import addresses
from service.oidc import identities
from service.oidc.claims import NotTaken, Told
from service.oidc.flow import Flow
from service.people import people

SAME_NAME = 100  # of whom may be brought, each with a number behind it
security = logging.getLogger("service.security")


def enter(provider: Provider, told: Told, flow: Flow, visitor: Visitor, board: str) -> Identity:
    """Begin a session as the user that is meant; raise NotTaken, Conflict or NotSignedIn.

    `board` is the board's own name.
    """
    try:
        identity, user = _found(provider, told, flow, visitor, board)
    except Conflict:  # somebody else came as the same one just now, so they are there
        identity, user = _found(provider, told, flow, visitor, board)
    if user.pending_at:
        raise NotTaken("Your account waits for somebody to let you in. Come back later.")
    if user.disabled_at:
        raise NotTaken("Your account is disabled. Ask an admin.")
    _keep_role(provider, told, user)
    zone = clock.known_zone(flow.zone, user.zone)
    who = Actor(Someone(user.id, user.username), visitor.address)
    with db.write():
        me = sessions.start(
            *(user.id, user.password_hash, zone, visitor.agent),
            address=visitor.address,
            method=provider.name,
            provided=identity.id,
            idp_sid=told.sid,
        )
        device = devices.name(visitor.agent)
        audit.note(who, "signed.in", device=device, provider=provider.name)
    return me


def _found(
    provider: Provider, told: Told, flow: Flow, visitor: Visitor, board: str
) -> tuple[ProvidedIdentity, User]:
    """Return who somebody is here, after all that makes them somebody."""
    with db.write():
        identity = identities.find(told)
        user = User.get_by_id(identity.user_id) if identity else None
        if identity is None or user is None:
            user = _meant(provider, told, flow, visitor, board)
            by = Actor(Someone(user.id, user.username), visitor.address)
            identity = identities.tie(by, provider, user, told)
        elif flow.code:
            _refuse_other(provider, flow.code, user)
        return identity, user


def _meant(provider: Provider, told: Told, flow: Flow, visitor: Visitor, board: str) -> User:
    """Return the user that a stranger's link, address or wish is about, locked; raise NotTaken."""
    if flow.code:
        return _linked(provider, told, flow, visitor, board)
    if provider.link_verified_email and (user := _of_address(told)):
        return user
    if provider.create:
        return _created(provider, told, board)
    raise NotTaken(
        f"No account here is linked with the one you have at {provider.words}. If you have an "
        "account here, sign in another way and link them on your account page. If you have none, "
        "ask an admin."
    )


def _created(provider: Provider, told: Told, board: str) -> User:
    role = _role(provider, told) or provider.default_role
    if role != "admin" and not User.select().exists():
        # The first user ends the page that makes the first admin.
        raise NotTaken(
            "This board has no admin yet. Whoever runs it makes one first, as /setup says."
        )
    return _made(provider, told, role, board)


def _linked(provider: Provider, told: Told, flow: Flow, visitor: Visitor, board: str) -> User:
    """Return the user that a link ties to whoever comes, or a new one whom it invites."""
    with suppress(Worthless):
        return _locked(links.use(flow.code, "identity").user_id or 0)
    link, role = invites.use(flow.code)
    user = _made(provider, told, role, board)
    by = Actor(Someone(user.id, user.username), visitor.address)
    audit.note(by, "invite.used", invite=link.id, note=link.note)
    return user


def _refuse_other(provider: Provider, code: str, user: User) -> None:
    """Raise NotTaken if a link is for somebody else than who came."""
    with suppress(Worthless):
        if links.find(code, "identity").user_id != user.id:
            raise NotTaken(
                f"Your account at {provider.words} is linked with another one here already."
            )


def _of_address(told: Told) -> User | None:
    """Return who has proved to the board, too, that the address is theirs."""
    if not told.email_verified:
        return None
    own = (
        User.email_key == addresses.key(told.email),
        User.email_verified_at.is_null(False),
        User.deleted_at.is_null(),
        User.role << PEOPLE,
    )
    return db.locked(User.select().where(*own)).get_or_none()


def _made(provider: Provider, told: Told, role: Role, board: str) -> User:
    name = _free_name(told, board)
    shown = _free_shown_name(told, board)
    account = accounts.insert(name, tokens.NO_PASSWORD, role=role, display_name=shown)
    if told.email_verified:
        _keep_address(account.id, told.email)
    on = Someone(account.id, name)
    audit.note(Actor(Someone(None, provider.words)), "user.added", on, role=role)
    return _locked(account.id)


def _keep_address(user_id: int, email: str) -> None:
    """Let an address be a new user's, as one that was proved, unless it is somebody else's."""
    with suppress(Invalid):
        found = addresses.clean(email)
        key = addresses.key(found)
        if not User.select().where(User.email_key == key).exists():
            proved = {"email": found, "email_key": key, "email_verified_at": clock.now()}
            User.update(**proved).where(User.id == user_id).execute()


def _free_name(told: Told, board: str) -> str:
    """Return a name that is theirs elsewhere, or close to it, and nobody's here."""
    for wanted in told.usernames:
        for number in range(1, SAME_NAME):
            suffix = f"-{number}" if number > 1 else ""
            with suppress(Invalid):
                name = names.clean(wanted[: names.MAX_USERNAME - len(suffix)] + suffix, board)
                if not names.alike(name):
                    return name
    return f"user-{secrets.token_hex(4)}"


def _free_shown_name(told: Told, board: str) -> str | None:
    """Return what they are called elsewhere, if it may be shown here and looks like nobody's."""
    with suppress(Invalid):
        name = names.clean(told.display_name, board, "display_name")
        return None if names.alike(name) else name
    return None


def _locked(user_id: int) -> User:
    person = User.id == user_id, User.deleted_at.is_null(), User.role << PEOPLE
    user = db.locked(User.select().where(*person)).get_or_none()
    if user is None:
        raise Worthless
    return user


def _role(provider: Provider, told: Told) -> Role | None:
    """Return the role that a provider's word gives, None where it says nothing of it."""
    if told.roles is None:
        return None
    given = {role for value, role in provider.roles if value in told.roles}
    return next((role for role in ROLES if role in given), provider.default_role)


def _keep_role(provider: Provider, told: Told, user: User) -> None:
    """Let the role be what the provider says; what it does not say changes nothing."""
    if not provider.role_claim:
        return
    about = {"provider": provider.name, "username": user.username, "user_id": user.id}
    if (role := _role(provider, told)) is None:
        security.warning("role kept: the provider's claim is missing", extra=about)
        return
    try:
        people.set_role(Actor(Someone(None, provider.words)), user.id, role)
    except Conflict as failure:
        security.warning("role kept: %s", failure.message, extra=about)
        return
    with db.write():
        User.update(role_from=provider.name).where(User.id == user.id).execute()
