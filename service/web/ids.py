"""Ids as addresses hold them."""

from typing import Annotated

from fastapi import Path

from service.base.numbers import MAX_ID

# No database takes a longer one, not even to say that there is none.
Id = Annotated[int, Path(ge=1, le=MAX_ID)]
