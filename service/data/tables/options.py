"""What admins decide of the board while it runs."""

from peewee import ForeignKeyField

from service.data.columns import CharField, TextField, UTCDateTimeField
from service.data.tables.table import Table
from service.data.tables.users import User


class Option(Table):
    name = CharField(50, primary_key=True)
    value = TextField()
    changed_at = UTCDateTimeField()
    changed_by = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    changed_by_id: int | None

    class Meta:
        table_name = "options"
