"""Files that a browser keeps, and does not show."""

from collections.abc import Iterator
from typing import Self

from starlette.requests import Request
from starlette.responses import StreamingResponse


class Zip(StreamingResponse):
    """A zip that is sent as it is made; where that fails, the connection ends before the zip."""

    media_type = "application/zip"

    @classmethod
    def named(cls, name: str, pieces: Iterator[bytes]) -> Self:
        return cls(pieces, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def is_one(request: Request) -> bool:
    """Say whether the request's route answers with a file: a browser stays on its page then."""
    return getattr(request.scope.get("route"), "response_class", None) is Zip
