"""People, each with a name."""

from peewee import AutoField, BooleanField

from service.data.columns import CharField, UTCDateTimeField
from service.data.tables.table import Table


class User(Table):
    id = AutoField()
    username = CharField(50)  # as its owner writes it
    username_key = CharField(200, unique=True)  # as it is compared
    # As it looks: none yet where an older release wrote it, and for the second of two alike.
    name_skeleton = CharField(200, null=True, unique=True)
    password_hash = CharField(255)
    zone = CharField(50, column_name="timezone")
    created_at = UTCDateTimeField()
    disabled_at = UTCDateTimeField(null=True)
    role = CharField(16, default="member")  # see access/roles
    display_name = CharField(50, null=True)  # in place of the username, where it is shown
    display_key = CharField(200, null=True, unique=True)  # as it is compared
    display_skeleton = CharField(200, null=True, unique=True)  # as it looks
    email = CharField(254, null=True)  # as its owner writes it, proved or not
    # As it is compared, once it is proved: nobody keeps an address from its owner by naming it.
    email_key = CharField(254, null=True, unique=True)
    email_verified_at = UTCDateTimeField(null=True)
    pending_at = UTCDateTimeField(null=True)  # when they registered, until they are let in
    wanted_name = CharField(50, null=True)  # under which name, which others may have, and why
    pending_note = CharField(200, null=True)
    role_from = CharField(20, null=True)  # the provider that says what the role is
    deleted_at = UTCDateTimeField(null=True)  # the row stays, without what was theirs
    emptying_at = UTCDateTimeField(null=True)  # since when their texts go, until all are gone
    theme = CharField(8, default="system")  # or light, or dark
    hours = CharField(2, default="")  # of a clock: 12 or 24, or as the language has it
    newest_first = BooleanField(default=False)  # the order of messages

    class Meta:
        table_name = "users"
