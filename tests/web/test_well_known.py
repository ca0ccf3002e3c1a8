"""What browsers and crawlers look for at addresses of their own."""

from tests.people import PAGE, Person


def test_the_board_can_be_installed(visitor: Person) -> None:
    page = visitor.get("/docs", headers=PAGE).text
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    answer = visitor.get("/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["name"], manifest["start_url"]) == ("Board", "/msgs")
    assert manifest["display"] == "standalone"
    sizes = {icon["sizes"]: visitor.get(icon["src"]) for icon in manifest["icons"]}
    assert sizes.keys() == {"192x192", "512x512"}
    for size, icon in sizes.items():
        assert icon.headers["content-type"] == "image/png"
        width = int.from_bytes(icon.content[16:20])
        assert f"{width}x{width}" == size


def test_an_icon_is_where_browsers_look_for_it(visitor: Person) -> None:
    answer = visitor.get("/favicon.ico", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.content.startswith(b"\0\0\1\0")


def test_crawlers_are_told_to_read_nothing(visitor: Person) -> None:
    assert visitor.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_password_managers_find_where_a_password_is_changed(alice: Person) -> None:
    answer = alice.get("/.well-known/change-password", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account#password-title")
    assert 'id="password-title"' in alice.get("/account", headers=PAGE).text
