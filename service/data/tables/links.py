"""Links with a code: to be invited, to set a password anew, to prove an e-mail address."""

from peewee import BigAutoField, ForeignKeyField, IntegerField

from service.data.columns import CharField, UTCDateTimeField
from service.data.tables.table import Table
from service.data.tables.users import User


class Link(Table):
    id = BigAutoField()
    purpose = CharField(16)  # invite, reset, email or identity
    code_hash = CharField(64, unique=True)  # SHA-256 of at least 128 random bits
    role = CharField(16, null=True)  # of whom it invites
    user = ForeignKeyField(User, null=True, on_delete="CASCADE", backref="+")  # whom it is for
    user_id: int | None
    email = CharField(254, null=True)
    note = CharField(200, default="")
    created_by = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    created_by_id: int | None
    created_at = UTCDateTimeField()
    expires_at = UTCDateTimeField()
    max_uses = IntegerField()
    uses = IntegerField(default=0)
    revoked_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "links"
