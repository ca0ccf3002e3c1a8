"""A secret key that tests know, and the name of the cookie that comes of it."""

import secrets

from service.access import session_cookie, tokens

KEY = secrets.token_urlsafe(48)
NAME = session_cookie.name(tokens.Signer((KEY,)), "http")
