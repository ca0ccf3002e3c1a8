"""A board with a provider, and what people do there."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import httpx2
import pytest

from service.base.config import Settings
from service.base.providers import Provider
from service.data import db
from service.data.tables import User
from service.oidc import discovery, fetching
from tests.oidc.fake import CLIENT, ISSUER, SECRET, Fake
from tests.people import Person, add_person

PUBLIC_URL = "http://board.test"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A provider in place of the network, asked anew whenever it did not answer."""
    made = Fake()
    network = {"transport": httpx2.ASGITransport(app=made)}
    monkeypatch.setattr(fetching, "instead_of_network", network)
    monkeypatch.setattr(discovery, "BELIEVED_AWAY", 0.0)
    return made


@pytest.fixture
def provider() -> dict[str, Any]:
    """What a test changes of the provider's settings, and of the board's, before it starts."""
    return {}


@pytest.fixture
def settings(settings: Settings, fake: Fake, provider: dict[str, Any]) -> Settings:
    """The board's, with one provider."""
    whole: dict[str, Any] = {
        "name": "corp",
        "issuer": ISSUER,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "create": True,
    }
    names = {each.name for each in fields(Provider)}
    own = {name: value for name, value in provider.items() if name in names}
    more = {name: value for name, value in provider.items() if name not in names}
    providers = (Provider(**(whole | own)),)
    return replace(settings, providers=providers, public_url=PUBLIC_URL, **more)


@pytest.fixture
def go(fake: Fake) -> Callable[..., httpx2.Response]:
    """Return a function that takes somebody to the provider of a board with a user, and back."""

    def go(
        person: Person, path: str = "/oidc/corp", *, empty: bool = False, **more: str
    ) -> httpx2.Response:
        with db.read():
            found = User.select().exists()
        if not (found or empty):
            add_person("somebody")
        sent = person.get(path, headers={"sec-fetch-site": "same-origin"})
        assert sent.status_code == 303, sent.text
        return person.get(fake.consent(sent.headers["location"], **more))

    return go
