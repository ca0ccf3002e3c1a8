"""Places where somebody has signed in before: nobody elsewhere can lock them out there."""

import itertools
from collections.abc import Callable

from starlette.testclient import TestClient

from service.accounts import accounts
from tests.access.attacks import HOME, attack, fail
from tests.people import (
    ONE_DATABASE,
    PASSWORD,
    Person,
    SignIn,
    add_person,
    log_in,
    new_client,
    token,
)


def device_cookie(person: Person) -> str:
    (name,) = [name for name in person.cookies if "board-device-" in name]
    return name


@ONE_DATABASE
def test_nobody_can_lock_a_user_out_of_a_network_where_they_signed_in_before(
    attacker: Person, app_client: TestClient
) -> None:
    assert log_in(new_client(app_client, address=HOME), "alice").status_code == 200
    attack(app_client, "alice")
    assert log_in(new_client(app_client, address="198.51.99.1"), "alice").status_code == 429
    at_home = new_client(app_client, address=HOME)  # on another device
    assert log_in(at_home, "ALICE").status_code == 200
    # There her own failures count, however she writes her name, and no other's.
    for name in ("alice", "ALICE", " alice", "\N{FULLWIDTH LATIN CAPITAL LETTER A}lice", "aLiCe"):
        fail(new_client(app_client, address=HOME), name)
    assert log_in(new_client(app_client, address=HOME), "alice").status_code == 429
    assert log_in(new_client(app_client, address=HOME), "bob").status_code == 200


@ONE_DATABASE
def test_nobody_at_all_can_lock_a_user_out_of_a_device_where_they_signed_in_before(
    attacker: Person, app_client: TestClient
) -> None:
    laptop, phone = (new_client(app_client, address=HOME) for _ in range(2))
    for device in (laptop, phone):
        assert log_in(device, "alice").status_code == 200
    neighbour = new_client(app_client, address=HOME)
    fail(neighbour, "alice", 5)
    assert log_in(neighbour, "alice").status_code == 429
    assert log_in(laptop, "alice").status_code == 200
    # It counts its own failures.
    fail(laptop, "alice", 5)
    assert log_in(laptop, "alice").status_code == 429
    assert log_in(phone, "alice").status_code == 200


@ONE_DATABASE
def test_a_device_is_known_for_its_user_until_the_password_changes(
    attacker: Person, app_client: TestClient, later: Callable[..., None]
) -> None:
    laptop = new_client(app_client, address=HOME)
    assert log_in(laptop, "alice").status_code == 200
    cookie, numbers = laptop.cookies[device_cookie(laptop)], itertools.count()

    def is_known(name: str = "alice", cookie: str = cookie) -> bool:
        """Say whether the cookie lets somebody in among strangers whose limit is reached."""
        number = next(numbers)
        person = new_client(app_client, address=f"198.51.{number}.1")
        fail(person, f"nobody {number}", 5)
        person.cookies.set(device_cookie(laptop), cookie, domain="board.test")
        return log_in(person, name).status_code == 200

    assert is_known()
    assert not is_known("bob")
    assert not is_known(cookie=token(laptop))  # signed too, but for something else
    assert not is_known(cookie=f"{cookie[:-4]}AAAA")
    later(days=179)
    assert is_known()
    later(days=181)
    assert not is_known()
    later(days=0)
    alice = accounts.find("alice")
    assert alice
    accounts.reset_password(alice.id, PASSWORD)
    assert not is_known()


@ONE_DATABASE
def test_the_devices_cookie_is_lax_and_closed_to_scripts(app_client: TestClient) -> None:
    add_person("alice")
    for scheme, prefix, more in (("http", "", set()), ("https", "__Host-", {"Secure"})):
        _, device = log_in(new_client(app_client, scheme), "alice").headers.get_list("set-cookie")
        assert device.startswith(f"{prefix}board-device-")
        assert {*device.split("; ")[1:]} == {
            *("HttpOnly", "Max-Age=15552000", "Path=/", "SameSite=lax"),
            *more,
        }


def test_a_network_is_known_until_the_password_changes(
    attacker: Person, app_client: TestClient
) -> None:
    assert log_in(new_client(app_client, address=HOME), "alice").status_code == 200
    attack(app_client, "alice")
    alice = accounts.find("alice")
    assert alice
    accounts.reset_password(alice.id, PASSWORD)
    assert log_in(new_client(app_client, address=HOME), "alice").status_code == 429


@ONE_DATABASE
def test_the_place_of_a_password_change_stays_known(
    app_client: TestClient, sign_in: SignIn
) -> None:
    alice = sign_in("alice", address=HOME)
    new = "a new horse, a new battery"
    fields = {"current_password": PASSWORD, "new_password": new}
    assert alice.post("/api/account/password", json=fields).status_code == 200
    attack(app_client, "alice")
    fail(new_client(app_client, address=HOME), "alice", 5)  # in a known network
    assert log_in(new_client(app_client, address=HOME), "alice", new).status_code == 429
    assert log_in(alice, "alice", new).status_code == 200  # on a known device
