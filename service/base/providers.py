"""Providers that people sign in through: any number, each by settings that begin with its name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from service.base import values
from service.base.setting import Reader, Setting, declare
from service.base.values import Choice, Line, Unusable

PREFIX = "OIDC_<NAME>_"  # what their settings begin with, in the README
SET = re.compile(r"OIDC_(?P<name>[A-Z0-9]{1,20})_(?P<setting>[A-Z_]+)")
NAMED = re.compile(r"OIDC_")
SECURE = re.compile(
    r"(https://([A-Za-z0-9.-]+|\[[0-9a-f:]+\])|http://(localhost|127\.0\.0\.1|\[::1\]))(:\d{1,5})?"
    r"([/?][!$-;=?-Z_a-z~]*)?"
)
Role = Literal["admin", "moderator", "member", "guest"]
ROLES: tuple[Role, ...] = get_args(Role)  # that people can have; the least at the end
MAX_LABEL = 40  # characters


def issuer(text: str) -> str:
    """Return a provider's address, exactly as it is given: it is compared so."""
    if not is_secure(text) or "?" in text:
        raise Unusable(f"must be the provider's https:// address, not {text!r}.")
    return text


def is_secure(address: str) -> bool:
    """Say whether an address is one over TLS, or of this machine, where nobody listens in."""
    return bool(SECURE.fullmatch(address))


def scopes(text: str) -> str:
    """Return what a provider is asked for: always who somebody is."""
    return " ".join(dict.fromkeys(("openid", *values.several(text))))


def _role(text: str) -> Role:
    """Return a role that people can have."""
    return ROLES[ROLES.index(Choice(ROLES)(text))]


def roles(text: str) -> tuple[tuple[str, Role], ...]:
    """Return what a claim may hold and which role that gives: `staff=member, ops=admin`."""
    found = []
    for pair in filter(None, map(str.strip, text.split(","))):
        value, _, role = (part.strip() for part in pair.rpartition("="))
        if not value or role not in ROLES:
            raise Unusable(f"holds {pair!r}: write value=role, a role being {', '.join(ROLES)}.")
        found.append((value, _role(role)))
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A provider of OpenID Connect, and what the board makes of what it says."""

    name: str = ""  # as addresses have it
    issuer: str = declare("ISSUER", issuer, "", "the provider's own address, as it writes it")
    client_id: str = declare("CLIENT_ID", str, "", "what it calls the board")
    client_secret: str = declare(
        "CLIENT_SECRET", str, "", "what it knows the board by, if it wants one", secret=True
    )
    label: str = declare(
        "LABEL", Line(MAX_LABEL), "", "what people call it; its name if there is none"
    )
    scopes: str = declare("SCOPES", scopes, "openid profile email", "what it is asked to tell")
    role_claim: str = declare(
        "ROLE_CLAIM",
        str,
        "",
        "where it says what somebody is, such as `groups` or `realm_access.roles`; "
        "looked at whenever they sign in",
    )
    roles: tuple[tuple[str, Role], ...] = declare(
        "ROLES", roles, (), "which role a value there gives: `staff=member, board-admins=admin`"
    )
    default_role: Role = declare(
        "DEFAULT_ROLE",
        _role,
        "member",
        "the role of those it brings, and of those whose values give none: "
        "admin, moderator, member or guest",
    )
    create: bool = declare(
        "CREATE", values.switch, False, "whether it brings people who have no account yet"
    )
    link_verified_email: bool = declare(
        "LINK_VERIFIED_EMAIL",
        values.switch,
        False,
        "whether an account is theirs who prove its e-mail address there; only if you trust "
        "the provider to check addresses",
    )

    @property
    def path(self) -> str:
        """Where people go to sign in through it."""
        return f"/oidc/{self.name}"

    def back(self, public_url: str) -> str:
        """Return where the provider sends people back to."""
        return f"{public_url}{self.path}/callback"

    @property
    def words(self) -> str:
        """What people call it."""
        return self.label or self.name.capitalize()


DECLARED: dict[str, Setting[Any]] = {
    each.name: each.metadata["setting"] for each in fields(Provider) if each.metadata
}
SETTINGS = tuple(DECLARED.values())


def read(reader: Reader) -> tuple[Provider, ...]:
    """Return the providers that the environment describes, by their names."""
    reader.faults += _unknown(reader.environ)
    return tuple(_read(reader, name) for name in _names(reader.environ))


def _read(reader: Reader, name: str) -> Provider:
    own = {attribute: _named(name, setting) for attribute, setting in DECLARED.items()}
    before = len(reader.faults)
    found = {attribute: reader.read(setting) for attribute, setting in own.items()}
    if len(reader.faults) == before:
        for needed in ("issuer", "client_id"):
            if not found[needed]:
                reader.faults.append(f"{own[needed].name} is not set.")
        if found["roles"] and not found["role_claim"]:
            reader.faults.append(f"{own['role_claim'].name} must say where the roles are.")
    return Provider(name=name.lower(), **found)


def _named(name: str, setting: Setting[Any]) -> Setting[Any]:
    return replace(setting, name=f"OIDC_{name}_{setting.name}")


def _names(environ: Mapping[str, str]) -> list[str]:
    found = (SET.fullmatch(key) for key, value in environ.items() if value.strip())
    return sorted({each["name"] for each in found if each})


def in_files(environ: Mapping[str, str]) -> list[str]:
    """Return the names of the variables that name a file with a secret of a provider's."""
    return [
        f"{_named(name, setting).name}_FILE"
        for name in _names(environ)
        for setting in SETTINGS
        if setting.secret
    ]


def _unknown(environ: Mapping[str, str]) -> Iterator[str]:
    known = {each.name for each in SETTINGS} | {f"{s.name}_FILE" for s in SETTINGS if s.secret}
    for key in sorted(environ):
        found = SET.fullmatch(key)
        if NAMED.match(key) and not (found and found["setting"] in known):
            yield (
                f"{key} is no setting of a provider: write OIDC_NAME_ and one of "
                f"{', '.join(sorted(known))}, the name in capital letters and digits."
            )
