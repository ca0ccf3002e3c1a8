"""The way through a provider: there, back, and what can come in between."""

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx2
import pytest
from joserfc.jwk import ECKey

from service.data import db
from service.data.tables.table import Table
from service.oidc import discovery
from tests.measuring import Measured
from tests.oidc.fake import CLIENT, ISSUER, SECRET, Fake
from tests.oidc.there import Go, sent_to
from tests.people import HTMX, ONE_DATABASE, PROGRAM, Person, is_signed_in

pytestmark = ONE_DATABASE


def rotate(fake: Fake) -> None:
    """Let the provider have another key under the same name."""
    fake.key = fake.published = ECKey.generate_key("P-256", {"kid": "one"})


def test_it_works(visitor: Person, go: Go) -> None:
    done = go(visitor)
    assert (done.status_code, done.headers["location"]) == (303, "/msgs")
    assert is_signed_in(visitor)
    assert "ada" in visitor.get("/msgs").text


def test_it_is_measured_by_what_became_of_it(measured: Measured, visitor: Person, go: Go) -> None:
    go(visitor)
    visitor.cookies.clear()
    assert visitor.get("/oidc/corp/callback?state=nonsense").status_code == 400
    found = {
        outcome: measured.value("sign_ins_total", method="provider", outcome=outcome)
        for outcome in ("succeeded", "failed", "throttled")
    }
    assert found == {"succeeded": 1, "failed": 1, "throttled": 0}


@pytest.mark.usefixtures("alice")
def test_the_page_has_a_link_that_htmx_does_not_take(visitor: Person, fake: Fake) -> None:
    page = visitor.get("/").text
    assert (
        '<a class="button button-plain" href="/oidc/corp" data-provider>Sign in with Corp</a>'
        in page
    )
    assert fake.asked == []
    # Where htmx or a program follows it all the same, it is the same.
    assert visitor.get("/oidc/corp", headers=HTMX).status_code == 303


def test_what_the_provider_is_asked(visitor: Person) -> None:
    query = parse_qs(urlsplit(sent_to(visitor)).query)
    assert {name: query.pop(name) for name in ("state", "nonce", "code_challenge")}
    assert query == {
        "response_type": ["code"],
        "client_id": [CLIENT],
        "redirect_uri": ["http://board.test/oidc/corp/callback"],
        "scope": ["openid profile email"],
        "code_challenge_method": ["S256"],
    }


def test_the_board_is_never_called_what_somebody_says(visitor: Person) -> None:
    evil = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    assert "evil" not in sent_to(visitor, **evil)
    answer = visitor.get("/oidc/corp/logout", headers=evil)
    assert answer.headers["location"].startswith(f"{ISSUER}/end?client_id=board&post_logout")
    assert "evil" not in answer.headers["location"]


def test_the_way_is_in_a_cookie_that_nobody_else_reads_or_sets(
    sign_in: Callable[..., Person], visitor: Person
) -> None:
    (cookie,) = visitor.get("/oidc/corp").headers.get_list("set-cookie")
    assert {"HttpOnly", "Max-Age=600", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    secure = sign_in("bob", scheme="https").get("/oidc/corp").headers.get_list("set-cookie")
    (cookie,) = [each for each in secure if "flow" in each]
    assert cookie.startswith("__Host-board-flow-")
    assert "Secure" in cookie.split("; ")
    state = parse_qs(urlsplit(sent_to(visitor)).query)["state"][0]
    assert state not in "".join(visitor.cookies.values()) + "".join(visitor.cookies)


@pytest.mark.parametrize("query", ["", "?code=abc&user_timezone=Asia/Tokyo"])
def test_no_other_site_signs_anybody_in(visitor: Person, fake: Fake, query: str) -> None:
    for led in ({"sec-fetch-site": "cross-site"}, {"referer": "https://evil.example/"}):
        asked = visitor.get(f"/oidc/corp{query}", headers=led)
        assert (asked.status_code, asked.headers.get("set-cookie")) == (200, None)
        (link,) = re.findall(r'class="button" href="(/oidc/corp.*?)"', asked.text)
        assert unquote(html.unescape(link)) == f"/oidc/corp{query}"
    assert fake.asked == []
    for by_hand in ({"sec-fetch-site": "none"}, {"sec-fetch-site": "same-origin"}):
        assert sent_to(visitor, **by_hand)


def test_the_providers_tokens_are_kept_nowhere(
    visitor: Person, fake: Fake, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued: list[str] = []
    signed = fake.signed
    monkeypatch.setattr(fake, "signed", lambda *of: issued.append(signed(*of)) or issued[-1])
    done = go(visitor)
    with db.read():
        tables = [each for each in Table.__subclasses__() if each.__module__.startswith("service.")]
        stored = [list(table.select().tuples()) for table in tables]
    told = f"{stored} {done.headers} {done.text} {list(visitor.cookies.values())}"
    (id_token,) = issued
    for secret in (id_token, "an access token", SECRET):
        assert secret not in told
    assert visitor.get("/msgs", headers=PROGRAM).status_code == 200


@pytest.mark.usefixtures("alice")
def test_two_tabs_are_in_nobodys_way(visitor: Person, fake: Fake) -> None:
    first, second = sent_to(visitor), sent_to(visitor)
    for location in (second, first):
        assert visitor.get(fake.consent(location)).headers["location"] == "/msgs"
    assert is_signed_in(visitor)


@pytest.mark.usefixtures("alice")
def test_a_crowd_of_tabs_does_not_fill_the_header(visitor: Person, fake: Fake) -> None:
    locations = [sent_to(visitor) for _ in range(9)]
    assert len(visitor.cookies) == 4
    assert visitor.get(fake.consent(locations[0])).status_code == 400
    assert visitor.get(fake.consent(locations[-1])).status_code == 303


@pytest.mark.usefixtures("alice")
def test_back_leads_on_and_signs_nobody_in_twice(
    visitor: Person, sign_in: Callable[..., Person], fake: Fake
) -> None:
    address = fake.consent(sent_to(visitor))
    visitor.get(address)
    assert visitor.get(address).headers["location"] == "/msgs"
    visitor.post("/api/logout")
    again = visitor.get(address)
    assert again.status_code == 400
    assert "begun in another browser" in again.text
    assert not is_signed_in(visitor)


def test_a_flow_is_for_its_browser_its_provider_and_ten_minutes(
    visitor: Person, app_client: Any, fake: Fake, later: Callable[..., None]
) -> None:
    address = fake.consent(sent_to(visitor))
    visitor.cookies, kept = httpx2.Cookies(), visitor.cookies
    assert visitor.get(address).status_code == 400
    visitor.cookies = kept
    later(minutes=11)
    assert visitor.get(address).status_code == 400
    assert visitor.get("/oidc/other").status_code == 404


@pytest.mark.parametrize("token", [{"id_token": None}, {"access_token": None}])
def test_an_answer_without_tokens_is_none(
    visitor: Person, fake: Fake, go: Go, token: dict[str, Any]
) -> None:
    fake.tokens = token
    assert go(visitor).status_code == 503
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("how", ["is_away", "answers_html"])
def test_a_provider_that_is_away_takes_nothing_with_it(
    visitor: Person, alice: Person, fake: Fake, go: Go, how: str
) -> None:
    address = fake.consent(sent_to(visitor))
    setattr(fake, how, True)
    assert visitor.get("/").status_code == 200
    assert 'id="login"' in visitor.get("/").text
    answer = visitor.get(address)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert is_signed_in(alice)
    setattr(fake, how, False)
    assert go(visitor).status_code == 303


def test_a_new_key_is_found_also_under_the_old_name(
    visitor: Person, fake: Fake, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert go(visitor).status_code == 303
    rotate(fake)
    # Not more often than every ten seconds: else whoever sends rubbish keeps us asking.
    assert go(visitor).status_code == 400
    assert fake.asked.count("/keys") == 1
    monkeypatch.setattr(discovery, "REFETCHED", 0.0)
    assert go(visitor).status_code == 303
    fake.header["kid"] = "two"
    fake.key = fake.published = ECKey.generate_key("P-256", {"kid": "two"})
    assert go(visitor).status_code == 303


def test_signing_out_here_offers_to_sign_out_there(visitor: Person, go: Go) -> None:
    go(visitor)
    left = visitor.post("/api/logout").headers["location"]
    assert left == "/?left=corp"
    page = visitor.get(left).text
    assert '<a href="/oidc/corp/logout">Sign out of Corp too</a>' in page
    assert "Sign out of" not in visitor.get("/?left=evil").text
