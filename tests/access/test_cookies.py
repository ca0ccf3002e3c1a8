"""Cookies: only the exact name counts, and only if it comes once."""

import pytest

from service.access import cookies
from tests.people import ONE_DATABASE, PROGRAM, Person, SignIn, cookie_name, token

NAME = "__Host-session"


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ([b"__Host-session=a"], "a"),
        ([b"x=1; \t__Host-session =\ta ;y=2"], "a"),
        ([b"x=1", b"__Host-session=a"], "a"),  # HTTP/2 may send one header for each
        ([b"__Host-session=a=b=="], "a=b=="),
        ([b'__Host-session="a"'], '"a"'),
        ([b"__Host-session=\xe9"], "\xe9"),
        ([], ""),
        ([b""], ""),
        ([b"__Host-session"], ""),
        ([b"__host-session=a; __Host-sessio=b; __Host-session2=c; x=__Host-session=d"], ""),
        # What other pages of the domain can set, and a kinder reader would take for ours.
        *(([blank + b"__Host-session=evil"], "") for blank in (b"\x85", b"\xa0", b"\x1f", b"\x0b")),
        ([b"__Host-session=a; \x85__Host-session=evil"], "a"),
        ([b"__Host-session\xa0=evil; __Host-session=a"], "a"),
        ([b"__Host-session=a; __Host-session=evil"], ""),
        ([b"__Host-session=a", b"__Host-session=evil"], ""),
        ([b"__Host-session=a; __Host-session=a"], ""),
        ([b"__Host-session; __Host-session=a"], "a"),
    ],
)
def test_only_the_exact_name_counts_and_only_once(headers: list[bytes], value: str) -> None:
    scope = {"headers": [(b"cookie", header) for header in headers]}
    assert cookies.read(scope, NAME) == value


@ONE_DATABASE
def test_a_cookie_set_by_another_page_of_the_domain_is_not_believed(
    sign_in: SignIn, visitor: Person
) -> None:
    alice, bob = (f"{cookie_name(each)}={token(each)}" for each in map(sign_in, ("alice", "bob")))
    for text, status in (
        (f"{alice}; \x85{bob}", 200),
        (f"\xa0{bob}; {alice}", 200),
        (f"{alice}; {bob}", 401),
        (f"\x85{bob}", 401),
    ):
        cookie = text.encode("latin-1")
        headers = [(b"cookie", cookie), *((k.encode(), v.encode()) for k, v in PROGRAM.items())]
        answer = visitor.get("/account", headers=headers)
        assert answer.status_code == status, cookie
        assert 'data-name="bob"' not in answer.text
