"""The audit log: who did what to whom. People are named: it tells of those who are gone, too."""

from peewee import BigAutoField, IntegerField

from service.data.columns import CharField, TextField, UTCDateTimeField
from service.data.tables.table import Table


class AuditEntry(Table):
    id = BigAutoField()
    at = UTCDateTimeField(index=True)
    actor_id = IntegerField(null=True, index=True)  # none of a command, and of a visitor
    actor = CharField(64)
    action = CharField(32)
    target_id = IntegerField(null=True, index=True)
    target = CharField(64)
    address = CharField(64)
    detail = TextField()

    class Meta:
        table_name = "audit"
