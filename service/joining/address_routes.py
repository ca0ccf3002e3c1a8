"""The e-mail address of one's own account, to which a link goes that proves it."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from service.access import audit
from service.access.guards import Guard
from service.access.identity import Identity
from service.accounts import accounts, emails, pages
from service.base import lanes, parts
from service.base.config import Settings
from service.base.errors import Invalid
from service.joining import proving, shown
from service.mail import addresses
from service.mail.outbox import Outbox
from service.web.forms import Submitted, documented

router = APIRouter()
# A link may be sent to what is named here: so not as often as one likes, either.
Naming = Annotated[Identity, Depends(Guard("account", paced=True, fresh=True))]


@router.post(
    "/api/account/email",
    summary="Set the e-mail address",
    openapi_extra=documented(
        *pages.DONE,
        (422, "It is no e-mail address."),
        (429, "Too many changes; see Retry-After."),
        email=(False, f"At most {addresses.MAX_ADDRESS} characters; none to take it away"),
    ),
)
@lanes.on("writes")
def set_email(request: Request, me: Naming, fields: Submitted) -> Response:
    """Set the address that links are sent to, once it is proved; or take it away."""
    address = fields["email"]
    try:
        new = emails.change(me, audit.actor(request, me), address)
    except Invalid as failure:
        return pages.refused(request, me, failure, {"email": address})
    if new and _send(request, me):
        return pages.done(request, "email-sent")
    return pages.done(request, "email" if new else "no-email")


def _send(request: Request, me: Identity) -> bool:
    """Have a link mailed that proves the address; say whether one is."""
    if accounts.get(me.user_id).email_verified:
        return False
    outbox, url = parts.of(request, Outbox), parts.of(request, Settings).public_url
    outbox.put(partial(proving.mail, shown.board(request), url, me.user_id))
    return outbox.open
