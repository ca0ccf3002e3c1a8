"""What the columns of every table hold, readable or not."""

import datetime as dt
from typing import Any

import peewee

from service.base import unreadable


class UTCDateTimeField(peewee.DateTimeField):
    """A moment: aware and in UTC in Python, naive UTC in both databases."""

    def db_value(self, value: dt.datetime | None) -> dt.datetime | None:
        return value and value.astimezone(dt.UTC).replace(tzinfo=None)

    def python_value(self, value: Any) -> dt.datetime | None:
        return None if value is None else unreadable.moment(super().python_value(value))


class _Text:
    def adapt(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        # SQLite keeps what it is given: a text may lie there as bytes.
        return unreadable.text(value) if isinstance(value, bytes) else str(value)


class TextField(_Text, peewee.TextField):
    """A text of any length."""


class CharField(_Text, peewee.CharField):
    """A text of limited length."""
