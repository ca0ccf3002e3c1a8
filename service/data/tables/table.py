"""What every table is."""

from peewee import Model

from service.data.db import database


class Table(Model):
    class Meta:
        database = database
        legacy_table_names = False
