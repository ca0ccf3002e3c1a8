"""Health: is the process alive, and can it serve."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.base import lanes, parts
from service.base.drain import Drain
from service.data import db, migrations, outages

router = APIRouter()


@router.get("/healthz", summary="Liveness")
async def alive() -> Response:
    """Answer; the database is not asked, so that its loss restarts nobody."""
    return JSONResponse({"status": "alive"})


@router.get("/readyz", summary="Readiness")
@lanes.on("readiness")
def ready(request: Request) -> Response:
    """Answer 200 if the database is there with its schema and the process is not draining."""
    if parts.of(request, Drain).begun:
        return _unready("draining")
    try:
        current = migrations.check(db.database.obj)
    except (*db.UNAVAILABLE, migrations.SchemaTooNew):
        return _unready("database")
    if not current:
        return _unready("schema")
    return JSONResponse({"status": "ready"}) if outages.has_room() else _unready("disk")


def _unready(reason: str) -> Response:
    return JSONResponse({"status": "not ready", "reason": reason}, 503)
