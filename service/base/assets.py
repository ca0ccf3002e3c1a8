"""Templates and static files: where they lie, and how static files are served."""

import re
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.base import hashed, parts
from service.base.errors import NotAllowed, NotFound

A_YEAR = 365 * 24 * 3600  # seconds
NO_GZIP = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


def folder(name: str) -> Path:
    """Return the folder `templates` or `static`: in the package when installed, else beside it."""
    package = Path(__file__).parent.parent
    installed = package / "_assets" / name
    return installed if installed.is_dir() else package.parent / name


def takes_gzip(headers: Headers) -> bool:
    """Say whether a request takes gzip; `gzip;q=0` does not (RFC 9110, section 12.5.3)."""
    taken = headers.get("accept-encoding", "").lower()
    return "gzip" in taken and not NO_GZIP.search(taken)


class Assets:
    """Serves `/static`: hashed names for a year, plain names revalidated by ETag."""

    def __init__(self, root: Path, base: str = "", *, watch: bool = False) -> None:
        self.root = root
        self.base = base  # the path below which the board is
        self.watch = watch  # in development files change under a running server
        self._assets: dict[str, hashed.Asset] = {}
        self._hashed: dict[str, str] = {}
        self._urls: dict[str, str] = {}
        self._load()

    def url(self, name: str) -> str:
        """Return the address of a file under its hashed name: css/style.1a2b3c4d.css."""
        if self.watch:
            self._load()
        return self._urls[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._response(scope)(scope, receive, send)

    def _response(self, scope: Scope) -> Response:
        headers = Headers(scope=scope)
        name = scope["path"].removeprefix("/static/")
        plain = self._hashed.get(name, name)
        asset = self._assets.get(plain)
        if asset is None:
            raise NotFound
        if scope["method"] not in {"GET", "HEAD"}:
            raise NotAllowed("GET", "HEAD")
        etag = f'"{asset.digest}"'
        # The headers of pages are nothing for files: each of a first view would repeat them.
        parts.put(scope, asset)
        answer = {"ETag": etag, "Vary": "Accept-Encoding"}
        lasting = f"public, max-age={A_YEAR}, immutable"
        answer["Cache-Control"] = lasting if name in self._hashed else "no-cache"
        if etag in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=answer)
        content = asset.content
        if takes_gzip(headers) and asset.compressed:
            content = asset.compressed
            answer["Content-Encoding"] = "gzip"
        answer["Content-Length"] = str(len(content))
        body = b"" if scope["method"] == "HEAD" else content
        return Response(body, media_type=asset.media_type, headers=answer)

    def _load(self) -> None:
        self._assets = hashed.read(self.root)
        names = {name: asset.name(name) for name, asset in self._assets.items()}
        self._hashed |= {served: name for name, served in names.items()}
        self._urls = {name: f"{self.base}/static/{served}" for name, served in names.items()}
