"""A board below a path of another address: every address it gives begins with that path."""

import dataclasses
import re
from collections.abc import Callable, Generator

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.base.config import Settings
from service.data import db
from service.messages import messages, writing
from tests.people import HTMX, ONE_DATABASE, PAGE, PASSWORD, PROGRAM, Person, add_person, new_client

BASE = "/team/board"
ORIGIN = "https://intranet.test"
ADDRESS = re.compile(r'(?:href|src|action|hx-get|hx-post|hx-sse:connect)="(/[^"]*)"')
PAGES = (
    *("/msgs", "/msgs?q=second", "/account", "/account/export", "/account/deletion"),
    *("/docs", "/nowhere", "/api/logout"),
)

pytestmark = ONE_DATABASE


@pytest.fixture
def below(database: None, settings: Settings) -> Generator[TestClient]:
    """Yield a client of a board that a proxy shows at ORIGIN, below BASE, asking for board.test."""
    add_person("alice")
    for text in ["First"] + ["second"] * messages.PAGE_SIZE:
        writing.post(1, text)
    db.close_database()
    app = create_app(dataclasses.replace(settings, public_url=f"{ORIGIN}{BASE}"))
    with TestClient(app, base_url="https://board.test") as client:
        yield client


@pytest.fixture
def alice(below: TestClient) -> Person:
    alice = new_client(below, "https")
    fields = {"username": "alice", "password": PASSWORD, "user_timezone": "UTC"}
    answer = alice.post(f"{BASE}/api/login", data=fields, headers=PAGE | {"Origin": ORIGIN})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BASE}/msgs")
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if "session" in each]
    assert cookie.startswith("__Secure-board-session-")  # __Host- is for the whole host alone
    assert f"Path={BASE};" in cookie
    return alice


def test_a_browser_that_keeps_no_cookies_is_told_so(below: TestClient) -> None:
    headers = PAGE | {"referer": f"{ORIGIN}{BASE}/"}
    answer = new_client(below, "https").get(f"{BASE}/msgs", headers=headers)
    assert answer.headers["location"] == f"{BASE}/?cookies=none"


@pytest.mark.parametrize("path", PAGES)
def test_every_address_on_a_page_begins_with_the_path(alice: Person, path: str) -> None:
    answer = alice.get(BASE + path, headers=PAGE)
    found = ADDRESS.findall(answer.text)
    assert len(found) >= 3
    assert [each for each in found if not each.startswith(f"{BASE}/")] == []
    assert f'data-base="{BASE}"' in answer.text  # for the scripts


def test_what_a_page_names_is_there(alice: Person) -> None:
    page = alice.get(f"{BASE}/msgs", headers=PAGE).text
    for address in re.findall(r'(?:src|href)="(/[^"]*/static/[^"]*)"', page):
        assert alice.get(address).status_code == 200


def test_a_browser_is_sent_on_below_the_path(alice: Person) -> None:
    assert alice.get(f"{BASE}/", headers=PAGE).headers["location"] == f"{BASE}/msgs"
    assert alice.get(BASE, headers=PAGE).headers["location"] == f"{BASE}/msgs"
    assert alice.get(f"{BASE}/account/", headers=PAGE).headers["location"] == f"{BASE}/account"
    done = alice.post(f"{BASE}/api/account/sessions/end", headers=HTMX | {"Origin": ORIGIN})
    assert done.headers["hx-redirect"] == f"{BASE}/"
    assert alice.get(f"{BASE}/msgs", headers=PAGE).headers["location"] == f"{BASE}/"


def test_a_confirmation_goes_on_below_the_path(alice: Person, later: Callable[..., None]) -> None:
    later(minutes=11)
    asked = alice.get(f"{BASE}/account/export", headers=PAGE)
    assert asked.headers["location"] == f"{BASE}/confirm?next=/account/export"
    own = PAGE | {"origin": ORIGIN, "referer": f"{ORIGIN}{BASE}/account"}
    form = alice.post(f"{BASE}/api/account/sessions/end", headers=own).text
    assert [each for each in ADDRESS.findall(form) if not each.startswith(f"{BASE}/")] == []
    assert f'href="{BASE}/account">Back' in form
    fields = {"current_password": PASSWORD, "again": "/api/account/sessions/end"}
    assert all(f'name="{name}"' in form for name in fields)
    done = alice.post(f"{BASE}/api/confirm", data=fields, headers=own)
    assert (done.status_code, done.headers["location"]) == (307, f"{BASE}{fields['again']}")


def test_a_proxy_may_take_the_path_off(alice: Person, below: TestClient) -> None:
    listed = alice.get("/api/messages", headers=PROGRAM | {"Cookie": _sent(alice)})
    assert listed.status_code == 200
    assert below.get("/healthz").json() == below.get(f"{BASE}/healthz").json()
    assert below.get(f"{BASE}board/healthz", headers=PROGRAM).status_code == 404


def test_a_post_comes_from_the_public_address(alice: Person) -> None:
    for origin, status in ((ORIGIN, 201), ("https://board.test", 201), ("https://x.test", 403)):
        sent = {"message": "Hello"}
        answer = alice.post(f"{BASE}/api/message", json=sent, headers=PROGRAM | {"Origin": origin})
        assert answer.status_code == status


def test_the_description_says_where_the_api_is(below: TestClient) -> None:
    described = below.get(f"{BASE}/openapi.json").json()
    assert described["servers"] == [{"url": BASE}]


def _sent(person: Person) -> str:
    return "; ".join(f"{each.name}={each.value}" for each in person.cookies.jar)
