"""What else people prove who they are with: tokens, second factors, passkeys; and bots."""

from peewee import (
    AutoField,
    BigIntegerField,
    BooleanField,
    ForeignKeyField,
    IntegerField,
)

from service.data.columns import CharField, UTCDateTimeField
from service.data.tables.table import Table
from service.data.tables.users import User


class Bot(Table):
    """A user that is no person, and whose it is."""

    user = ForeignKeyField(User, primary_key=True, on_delete="CASCADE", backref="+")
    user_id: int
    owner = ForeignKeyField(User, on_delete="CASCADE", backref="+")
    owner_id: int
    created_at = UTCDateTimeField()

    class Meta:
        table_name = "bots"


class ApiToken(Table):
    """What a program sends in place of a session: as a hash, and how it begins, to be known by."""

    id = AutoField()
    user = ForeignKeyField(User, on_delete="CASCADE", backref="+")
    user_id: int
    name = CharField(50)
    prefix = CharField(12)
    token_hash = CharField(64, unique=True)
    scopes = CharField(50)  # names of actions, with a space between
    created_at = UTCDateTimeField()
    expires_at = UTCDateTimeField()
    used_at = UTCDateTimeField(null=True)
    revoked_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "api_tokens"


class SecondFactor(Table):
    """What a user is asked for beside the password, and how often it was wrong in a row."""

    user = ForeignKeyField(User, primary_key=True, on_delete="CASCADE", backref="+")
    user_id: int
    totp_secret = CharField(500, null=True)  # encrypted
    totp_step = BigIntegerField(null=True)  # of the last code that was used: none is good twice
    set_up_at = UTCDateTimeField(null=True)
    failures = IntegerField(default=0)
    locked_until = UTCDateTimeField(null=True)

    class Meta:
        table_name = "second_factors"


class RecoveryCode(Table):
    """One of those that stand in for a lost device, each good once."""

    code_hash = CharField(64, primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE", backref="+")
    user_id: int
    used_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "recovery_codes"


class Passkey(Table):
    """A key of a user's device, registered for one host."""

    id = AutoField()
    user = ForeignKeyField(User, on_delete="CASCADE", backref="+")
    user_id: int
    id_hash = CharField(64, unique=True)  # of the credential's id, which may have 1,023 bytes
    credential = CharField(3000)  # its id and public key, as the authenticator gave them
    user_handle = CharField(64)  # what authenticators know the user by
    name = CharField(50)
    rp_id = CharField(253)  # the host it is good for
    sign_count = BigIntegerField()
    backed_up = BooleanField()
    created_at = UTCDateTimeField()
    used_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "passkeys"
