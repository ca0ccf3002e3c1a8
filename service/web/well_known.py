"""What browsers and crawlers look for at addresses of their own."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from service.base import parts
from service.base.assets import Assets
from service.base.config import Settings
from service.web import render
from service.web.forms import documented
from service.web.render import Renderer

router = APIRouter()
A_DAY = {"Cache-Control": "public, max-age=86400"}
ICONS = (("img/icon-192.png", "192x192", "any"), ("img/icon-512.png", "512x512", "maskable"))
COLOUR = "#0f6570"


class Manifest(JSONResponse):
    media_type = "application/manifest+json"


@router.get(
    "/manifest.webmanifest",
    summary="The board as an app that is installed",
    response_class=Manifest,
)
def manifest(request: Request) -> Response:
    """Return the web app manifest, by which browsers install the board."""
    assets, base = parts.of(request, Assets), parts.of(request, Settings).base
    name = parts.of(request, Renderer).options.board_name
    content = {
        "name": name,
        "short_name": name,
        "id": f"{base}/",
        "start_url": f"{base}/msgs",
        "scope": f"{base}/",
        "display": "standalone",
        "background_color": COLOUR,
        "theme_color": COLOUR,
        "icons": [
            {"src": assets.url(icon), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for icon, sizes, purpose in ICONS
        ],
    }
    return Manifest(content, headers=A_DAY)


@router.get(
    "/favicon.ico",
    summary="The icon, for whoever asks for none by name",
    response_class=RedirectResponse,
    openapi_extra=documented((307, "On to the icon.")),
)
async def favicon(request: Request) -> Response:
    return RedirectResponse(parts.of(request, Assets).url("img/favicon.ico"), headers=A_DAY)


@router.get("/robots.txt", summary="What crawlers may read", response_class=PlainTextResponse)
async def robots() -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n", headers=A_DAY)


@router.get(
    "/.well-known/change-password",
    summary="Where a password is changed",
    response_class=RedirectResponse,
    openapi_extra=documented((303, "On to the form for it.")),
)
async def change_password(request: Request) -> Response:
    """Send password managers, and whoever follows them, to the form for it."""
    return render.redirect(request, "/account#password-title")
