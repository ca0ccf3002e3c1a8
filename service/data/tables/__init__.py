"""The tables: keys, indexes, and nothing else; a file for each noun."""

from service.data.tables.audit import AuditEntry
from service.data.tables.credentials import (
    ApiToken,
    Bot,
    Passkey,
    RecoveryCode,
    SecondFactor,
)
from service.data.tables.events import Event, EventCounter
from service.data.tables.identities import ProvidedIdentity, Spent
from service.data.tables.links import Link
from service.data.tables.messages import Mention, Message, Reaction
from service.data.tables.options import Option
from service.data.tables.rooms import BOARD, EVERYWHERE, Membership, Room
from service.data.tables.sessions import Failure, KnownNetwork, Session
from service.data.tables.table import Table
from service.data.tables.users import User

__all__ = [
    "BOARD",
    "EVERYWHERE",
    "ApiToken",
    "AuditEntry",
    "Bot",
    "Event",
    "EventCounter",
    "Failure",
    "KnownNetwork",
    "Link",
    "Membership",
    "Mention",
    "Message",
    "Option",
    "Passkey",
    "ProvidedIdentity",
    "Reaction",
    "RecoveryCode",
    "Room",
    "SecondFactor",
    "Session",
    "Spent",
    "Table",
    "User",
]
