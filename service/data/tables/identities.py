"""Who people are elsewhere: at providers through which they sign in; and what is good once only."""

from peewee import AutoField, ForeignKeyField

from service.data.columns import CharField, UTCDateTimeField
from service.data.tables.table import Table
from service.data.tables.users import User


class ProvidedIdentity(Table):
    """Whom a provider calls so is this user; nothing else that it says ties them together."""

    id = AutoField()
    user = ForeignKeyField(User, on_delete="CASCADE", index=False)
    user_id: int
    issuer = CharField(255)
    subject = CharField(255)
    name = CharField(254)  # what its user knows it by: an address or a name there
    created_at = UTCDateTimeField()
    used_at = UTCDateTimeField()

    class Meta:
        table_name = "identities"
        indexes = ((("issuer", "subject"), True), (("user", "issuer"), True))


class Spent(Table):
    """What was used once and must not be again, as a hash, until it would be refused anyway."""

    hash = CharField(64, primary_key=True)
    expires_at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "spent"
