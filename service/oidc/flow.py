"""A way through a provider that somebody is on: begun here, sealed in a cookie of its own.

Each has its own, so that two tabs are in nobody's way.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from starlette.requests import Request

from service.access import cookies
from service.access.tokens import Signer
from service.base import clock, parts
from service.base.config import Settings
from service.base.sealing import Seals

LIFETIME = dt.timedelta(minutes=10)
MOST = 4  # at once in one browser: a proxy refuses headers that are too long
PURPOSE = "flow"
Aim = Literal["sign-in", "link", "confirm"]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Where somebody went and why, and what only they and the provider can bring back."""

    provider: str
    aim: Aim
    state: str
    nonce: str
    verifier: str  # of PKCE
    begun: float  # seconds since 1970
    zone: str = ""
    code: str = ""  # of a link that invites, or ties the account of somebody else to theirs
    session: str = ""  # of whoever links or confirms: no other one may end it
    then: str = ""  # where they go afterwards, a path of ours

    @property
    def is_over(self) -> bool:
        return not 0 <= clock.now().timestamp() - self.begun < LIFETIME.total_seconds()


class Sealing:
    """Seals flows under the first of the board's secret keys, and opens those of all."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._seals = Seals(secret_keys, "oidc flow")

    def seal(self, flow: Flow) -> str:
        return self._seals.seal(asdict(flow))

    def open(self, sealed: str) -> Flow | None:
        """Return a flow that was sealed here and is not over."""
        try:
            flow = Flow(**self._seals.open(sealed) or {})
        except TypeError:
            return None
        return None if flow.is_over else flow


def begin(request: Request, provider: str, aim: Aim, **more: str) -> Flow:
    """Begin a flow, and let the answer set its cookie."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    flow = Flow(
        provider=provider,
        aim=aim,
        state=state,
        nonce=nonce,
        verifier=verifier,
        begun=clock.now().timestamp(),
        **more,
    )
    _drop_oldest(request)
    sealed = parts.of(request, Sealing).seal(flow)
    cookies.give(request, _name(request, state), sealed, int(LIFETIME.total_seconds()))
    return flow


def end(request: Request, state: str) -> Flow | None:
    """Return the flow that a state belongs to, once: the answer deletes its cookie."""
    name = _name(request, state)
    if not (sealed := cookies.read(request, name)):
        return None
    cookies.give(request, name, "", 0)
    flow = parts.of(request, Sealing).open(sealed)
    return flow if flow and flow.state == state else None


def _drop_oldest(request: Request) -> None:
    """Let the answer delete what was begun and never ended, but for the newest ones."""
    sealing = parts.of(request, Sealing)
    begun = {
        name: (flow.begun if (flow := sealing.open(request.cookies[name])) else 0.0)
        for name in request.cookies
        if f"board-{PURPOSE}-" in name
    }
    for name in sorted(begun, key=lambda name: -begun[name])[MOST - 1 :]:
        cookies.give(request, name, "", 0)


def _name(request: Request, state: str) -> str:
    """Return the name of a flow's cookie; it does not tell the state."""
    digest = hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    base = parts.of(request, Settings).base
    mark = parts.of(request, Signer).marks[0]
    return cookies.named(f"{PURPOSE}-{digest}", mark, request.url.scheme, base)
