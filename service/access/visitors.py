"""Who wants to sign in: from where, with which program, on a device that is known perhaps."""

from dataclasses import dataclass

from starlette.requests import Request

from service.access import cookies, places
from service.access.places import Device
from service.access.tokens import Signer
from service.base import networks, parts

PURPOSE = "device"


@dataclass(frozen=True)
class Visitor:
    """Who is asking: from where, with which program, on a device that is known perhaps."""

    address: str
    agent: str
    device: Device | None


def of(request: Request) -> Visitor:
    """Return who wants to sign in."""
    signer = parts.of(request, Signer)
    token = cookies.read(request, *cookies.names(request, PURPOSE, signer.marks))
    agent = request.headers.get("user-agent", "")
    return Visitor(address(request), agent, places.read_device(signer, token))


def address(request: Request) -> str:
    """Return the address that sent the request, through the trusted proxies if there are any."""
    return request.client.host if request.client else "unknown"


def network(request: Request) -> str:
    """Return the network that address lies in: a household's, or an office's."""
    return networks.tiers(address(request))[0]


def give_device(request: Request, device: Device) -> None:
    """Let the answer set the cookie that outlives a session, and tells the device from others."""
    signer = parts.of(request, Signer)
    (name,) = cookies.names(request, PURPOSE, signer.marks[:1])
    lifetime = int(places.LIFETIME.total_seconds())
    cookies.give(request, name, places.sign_device(signer, device), lifetime)
