"""Every route, asked by every kind of caller and in all three kinds: who may is data, in `rows`."""

import html
import re
from collections.abc import Iterator
from http import HTTPStatus

import httpx2
import pytest
from fastapi.routing import APIRoute

from service.access import audit, options
from service.access.roles import refusal
from service.accounts import accounts
from service.data import db
from service.live import routes as live_routes
from service.registry import MODULES
from tests.access.callers import Caller, everyone
from tests.access.rows import IN_ROOM, PRIVATE, ROWS, THINGS, Row
from tests.people import HTMX, ONE_DATABASE, PAGE, PROBLEM, PROGRAM, Person, SignIn, add_person

KINDS = (("page", PAGE), ("htmx", HTMX), ("program", PROGRAM))
FAULTY = {409, 422}  # who asks may; what they sent is another matter
MISSING = "Add a line for it to ROWS, in tests/access/rows.py: who may ask for it, and what is sent"


def routes() -> set[str]:
    """Return every route that there is, by its method and its path."""
    listed = [route for module in MODULES for route in module.router.routes]
    found = [(each.methods or (), each.path) for each in listed if isinstance(each, APIRoute)]
    named = {f"{method} {path}" for methods, path in found for method in methods}
    return named | {f"HEAD {live_routes.PATH}"}


def test_every_route_has_its_row() -> None:
    missing, left_over = routes() - ROWS.keys(), ROWS.keys() - routes()
    assert not missing, f"{MISSING}: {', '.join(sorted(missing))}"
    assert not left_over, f"no route has these lines of ROWS any more: {', '.join(left_over)}"


def wanted(row: Row, caller: Caller) -> int:
    """Return the status that a caller's answer is to have: 200 for any that is no refusal."""
    if row.gone:
        return 404
    if row.halfway:
        return 401
    if row.action is not None and caller.role is None:
        return 401
    if row.others and caller.may(row.others):
        return 200
    if not caller.may(row.action):
        return 403
    return 200 if caller.owns or not row.own else 404


def is_as_wanted(status: int, kind: str, row: Row, caller: Caller, answer: httpx2.Response) -> bool:
    """Say whether an answer is what its caller is to get, in the kind they asked for."""
    by_token = "authorization" in answer.request.headers
    if status == 401 and kind == "page" and answer.request.method == "GET" and not by_token:
        return (answer.status_code, answer.headers["location"]) == (303, "/")
    if status == 200:
        faulty = FAULTY | {404} if row.provided else FAULTY
        return answer.status_code < 400 or answer.status_code in faulty
    if answer.status_code != status or answer.request.method == "HEAD":
        return answer.status_code == status
    refused = refusal(row.action, caller.scopes).message if status == 403 and row.action else ""
    return _is_of(kind, answer) and refused in _words(answer, kind)


def _words(answer: httpx2.Response, kind: str) -> str:
    return answer.json()["detail"] if kind == "program" else html.unescape(answer.text)


def _is_of(kind: str, answer: httpx2.Response) -> bool:
    media = answer.headers["content-type"]
    if kind == "program":
        return media == PROBLEM
    return media.startswith("text/html") and ("<html" in answer.text) == (kind == "page")


class Walk:
    """Asks for a route as everybody, and notes what was not as it should be."""

    def __init__(self, client: Person, callers: list[Caller], owner: accounts.Account) -> None:
        self._client = client
        self._callers = callers
        self._proofs = {caller.name: caller.proof() for caller in callers}
        self._owner = owner

    def faults(self, turn: int, route: str, row: Row) -> Iterator[str]:
        """Yield what is wrong with a route, for whom and in which kind of answer.

        Who may and how it is told are decided apart, so each caller asks in one kind: for each
        route some in each, and at each turn in another.
        """
        path = self._path(route, row)
        for number, caller in enumerate(self._callers, start=turn):
            kind, headers = KINDS[number % len(KINDS)]
            status = wanted(row, caller)
            answer = self._ask(path, row, headers | self._proofs[caller.name])
            if row.ends:
                self._proofs[caller.name] = caller.proof()
            if answer.request.method == "POST" and answer.status_code < 400:
                path = self._path(route, row)  # what it named is another now, or gone
            if not is_as_wanted(status, kind, row, caller, answer):
                yield f"{route} by {caller.name} ({kind}): {status}, not {told(answer)}"

    def _path(self, route: str, row: Row) -> tuple[str, str]:
        """Return the method and the address of a route, with things made for it."""
        method, path = route.split(" ")
        things = THINGS | (IN_ROOM if "{slug}" in path else {}) | (PRIVATE if row.private else {})
        for name, make in things.items():
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", str(make(self._owner)))
        return method, path

    def _ask(self, path: tuple[str, str], row: Row, headers: dict[str, str]) -> httpx2.Response:
        self._client.cookies.clear()
        sent = row.sent if path[0] == "POST" else None
        return self._client.request(*path, json=sent, headers=headers)


def told(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {HTTPStatus(answer.status_code).phrase}"


@pytest.fixture
def walk(sign_in: SignIn, visitor: Person) -> Walk:
    owner = add_person("olga")
    with db.write():  # as far as an option allows what a role may
        options.set(audit.OPERATOR, "members_invite", "yes")
    return Walk(visitor, everyone(sign_in), owner)


@ONE_DATABASE
def test_a_guest_changes_nothing_but_their_own_account_and_where_they_are(
    guest: Person, visitor: Person
) -> None:
    paths = visitor.get("/openapi.json").json()["paths"]
    for path in [path for path, methods in paths.items() if "post" in methods]:
        action = ROWS[f"POST {path}"].action
        if action not in {None, "account", "read", "join"}:
            answer = guest.post(re.sub(r"{\w+}", "1", path), json={}, headers=PROGRAM)
            assert (path, answer.status_code) == (path, 403)


@pytest.mark.timeout(400)  # every address, asked by each role
def test_everybody_gets_what_their_role_may(walk: Walk) -> None:
    turns = ((turn, *each) for turn, each in enumerate(ROWS.items()))
    faults = [fault for each in turns for fault in walk.faults(*each)]
    assert not faults, "\n".join(faults)
