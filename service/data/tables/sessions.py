"""Signing in: who is signed in where, who was known where, and what failed."""

from peewee import AutoField, BigAutoField, ForeignKeyField

from service.data.columns import CharField, UTCDateTimeField
from service.data.tables.identities import ProvidedIdentity
from service.data.tables.table import Table
from service.data.tables.users import User


class Session(Table):
    id = CharField(32, primary_key=True)
    user = ForeignKeyField(User)
    user_id: int  # made by the line above, as with the other foreign keys
    device = CharField(200)
    zone = CharField(50, column_name="timezone")
    created_at = UTCDateTimeField()
    used_at = UTCDateTimeField()
    expires_at = UTCDateTimeField(index=True)
    ended_at = UTCDateTimeField(null=True, index=True)
    address = CharField(64, null=True)  # where it was begun
    confirmed_at = UTCDateTimeField(null=True)  # when its user last proved who they are

    # Of one that began at a provider: its name, who it said it was, and what it calls the session.
    method = CharField(20, null=True)
    provided = ForeignKeyField(
        ProvidedIdentity, null=True, on_delete="SET NULL", backref="+", column_name="identity_id"
    )
    provided_id: int | None
    idp_sid = CharField(255, null=True, index=True)

    class Meta:
        table_name = "sessions"


class KnownNetwork(Table):
    """A network in which a user has signed in, with the password there is."""

    id = AutoField()
    user = ForeignKeyField(User)
    user_id: int
    network = CharField(64)  # a keyed hash: nobody's whereabouts are stored
    seen_at = UTCDateTimeField()

    class Meta:
        table_name = "known_networks"
        indexes = ((("user", "network"), True),)


class Failure(Table):
    """A sign-in that failed or is under way, once for each thing that it counts against."""

    id = BigAutoField()
    key = CharField(64)  # a keyed hash too: a name may be a password in the wrong field
    until = UTCDateTimeField(index=True)  # when it no longer counts

    class Meta:
        table_name = "failures"
        indexes = ((("key", "until"), False),)
