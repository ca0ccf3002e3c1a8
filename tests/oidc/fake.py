"""A provider in process that says what a test wants it to, correct or not."""

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

ISSUER = "https://idp.test"
CLIENT = "board"
SECRET = "the secret of the board"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class Fake:
    """What it is asked is in `asked`; what it says can be changed by what is in the others."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "one"})
        self.published = self.key
        self.header: dict[str, Any] = {"alg": "ES256", "kid": "one"}
        self.document: dict[str, Any] = {}  # of its discovery
        self.claims: dict[str, Any] = {"sub": "ada"}  # of the ID token
        self.info: dict[str, Any] = {"sub": "ada", "preferred_username": "ada"}
        self.tokens: dict[str, Any] = {}  # what the token endpoint says
        self.answers_html = self.is_away = False
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.asked.append(request.url.path)
        if self.is_away:
            raise OSError("the network is down")
        await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if self.answers_html:
            return HTMLResponse("<h1>Sign in to the hotel's network</h1>")
        match request.url.path:
            case "/.well-known/openid-configuration":
                return JSONResponse(self._discovery() | self.document)
            case "/keys":
                return JSONResponse({"keys": [self.published.as_dict(private=False)]})
            case "/token":
                return self._token(request, dict(parse_qsl((await request.body()).decode())))
            case "/userinfo":
                return JSONResponse(self.info)
        return Response(status_code=404)

    def _discovery(self) -> dict[str, Any]:
        places = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
            "userinfo_endpoint": "userinfo",
            "end_session_endpoint": "end",
        }
        return {"issuer": ISSUER, **{name: f"{ISSUER}/{path}" for name, path in places.items()}}

    def _token(self, request: Request, form: dict[str, str]) -> Response:
        given = self._codes.pop(form["code"])
        made = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(made).decode().rstrip("=")
        proof = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        is_ours = request.headers["authorization"] == f"Basic {proof}"
        if not is_ours or (challenge, form["redirect_uri"]) != (
            given["code_challenge"],
            given["redirect_uri"],
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = {"access_token": "an access token", "token_type": "Bearer", "expires_in": 60}
        token["id_token"] = self.signed({"nonce": given["nonce"], **self.claims})
        return JSONResponse({k: v for k, v in (token | self.tokens).items() if v is not None})

    def signed(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        now = int(time.time())
        common = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 60, "auth_time": now}
        whole = {k: v for k, v in (common | claims).items() if v is not None}
        return jwt.encode(self.header | (header or {}), whole, self.key)

    def logout_token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        common = {"jti": secrets.token_hex(8), "events": {LOGOUT: {}}, "sub": "ada"}
        return self.signed(common | claims, {"typ": "logout+jwt"} | (header or {}))

    def consent(self, location: str, **more: str) -> str:
        """Sign in as who goes to an address of this provider; return where they come back to."""
        query = {name: value for name, (value,) in parse_qs(urlsplit(location).query).items()}
        assert location.startswith(f"{ISSUER}/authorize?")
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        self._codes[code] = query
        answer = {"code": code, "state": query["state"], "iss": ISSUER} | more
        return f"{query['redirect_uri']}?{urlencode(answer)}"
