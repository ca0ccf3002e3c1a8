"""The few ways in which a request can fail, each with its HTTP status and words for its user."""

from service.base import metrics

BUSY = "More was asked than the board can do at once. Nothing is lost; try again in a few seconds."

MAX_BODY = 64 * 1024  # bytes of a request


class BoardError(Exception):
    """A failure that its user is told about: `title` says what, `message` what to do."""

    kind = "about:blank"  # a URI; a program tells by it what it can do something about
    status = 500
    title = "Something went wrong"
    message = "The board could not do that. Try again; if it goes on, tell whoever runs it."
    challenge: str | None = None  # WWW-Authenticate: which proof would do

    def __init__(self, message: str | None = None, *, retry_after: int | None = None) -> None:
        self.message = message or self.message
        self.retry_after = retry_after  # seconds
        super().__init__(self.message)


class Moved(Exception):
    """What was asked for is at another path of ours, for good."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


class Invalid(BoardError):
    """Input that cannot be taken; `fields` maps a field's name to what is wrong with it."""

    status = 422
    title = "That can't be taken as it is"

    def __init__(self, /, **fields: str) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


class Malformed(BoardError):
    status = 400
    title = "That request can't be read"
    message = "The request could not be understood."


class NotSignedIn(BoardError):
    status = 401
    title = "You are signed out"
    message = "Sign in to carry on."
    challenge = "Bearer"


class WrongToken(NotSignedIn):
    title = "This token does not work"
    message = "It is wrong, has expired or was revoked, or its user may not sign in any more."
    challenge = 'Bearer error="invalid_token"'


class SecondStepDue(NotSignedIn):
    kind = "urn:board:second-step"
    title = "A second step is due"
    message = (
        "The password is right. Send a code of your app, or a recovery code, as `code` to "
        "/api/second within 10 minutes, with the cookie that came with this."
    )


class Forbidden(BoardError):
    status = 403
    title = "That isn't allowed"
    message = "The request came from another site, so it was not carried out."


class NoPasswords(Forbidden):
    title = "Nobody has a password here"
    message = "Nobody signs in with a password here. Choose one of the other ways."


class MissingScope(Forbidden):
    title = "This token is not for that"

    def __init__(self, scope: str) -> None:
        super().__init__(f"The token does not have the scope {scope}.")
        self.challenge = f'Bearer error="insufficient_scope", scope="{scope}"'


class NotConfirmed(Forbidden):
    title = "Confirm that it is you"
    message = (
        "This asks for a proof that is at most 10 minutes old. Send your password as "
        "`current_password`, or a code of your app as `code`, to /api/confirm, then repeat this."
    )


class SecondFactorMissing(Forbidden):
    title = "Set up a second factor first"
    message = (
        "This board asks you for a second factor beside your password, and you have none yet. "
        "Set one up on your account page, at /account/second; then everything goes on."
    )


class NotFound(BoardError):
    status = 404
    title = "There is nothing here"
    message = "The page or message does not exist, or no longer does."


class NotAllowed(BoardError):
    status = 405
    title = "That can't be done here"
    message = "This address does not take that kind of request."

    def __init__(self, *allowed: str) -> None:
        super().__init__()
        self.allowed = allowed  # methods


class TooSlow(BoardError):
    status = 408
    title = "That took too long to arrive"
    message = "The request was not received whole in time. Send it again."


class Conflict(BoardError):
    status = 409
    title = "That was changed meanwhile"
    message = "It was changed from somewhere else. Look at it again, then repeat."


class TooLarge(BoardError):
    status = 413
    title = "That is too large"
    message = f"A request can have {MAX_BODY // 1024} KiB. Send less at once."


class UnsupportedType(BoardError):
    status = 415
    title = "That can't be read here"
    message = (
        "Send a form (application/x-www-form-urlencoded) or JSON (application/json), "
        "in UTF-8 and not compressed."
    )


class TooManyRequests(BoardError):
    status = 429
    title = "Too many tries"
    message = "Wait a little, then try again."

    def __init__(
        self, message: str | None = None, *, limit: str, retry_after: int | None = None
    ) -> None:
        """Count what is refused, as it is about to be raised; `limit` names what it has met."""
        super().__init__(message, retry_after=retry_after)
        metrics.throttled.count(limit)


class Unavailable(BoardError):
    status = 503
    title = "The board is away for a moment"
    message = "It can't reach its data right now. Nothing is lost; try again in a few seconds."

    def __init__(self, message: str | None = None, *, retry_after: int = 5) -> None:
        super().__init__(message, retry_after=retry_after)


class LeftOpen(BoardError):
    status = 503
    title = "You are signed out in this browser only"
    message = (
        "You are signed out in this browser, but the board can't store that right now: your "
        "session stays open on the server. End it on your account page later; by itself it ends "
        "within 7 days."
    )


class DiskFull(Unavailable):
    title = "The board's disk is full"
    message = "Nothing new can be stored until whoever runs the board has made room. Reading works."

    def __init__(self) -> None:
        super().__init__(retry_after=60)
