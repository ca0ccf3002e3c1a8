"""Messages: post, list, edit, delete, as members and strangers see it."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from service import accounts, db, messages
from service.models import Message
from tests.people import PROBLEM, PROGRAM, Person

SignIn = Callable[..., Person]
EMOJI = "\N{GRINNING FACE}"


@pytest.fixture
def alice(sign_in: SignIn) -> Person:
    return sign_in("alice")


@pytest.fixture
def bob(sign_in: SignIn) -> Person:
    return sign_in("bob")


def post(person: Person, text: str, **fields: str) -> dict[str, Any]:
    answer = person.post("/api/message", json={"message": text, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def listed(person: Person, **query: Any) -> dict[str, Any]:
    answer = person.get("/api/messages", params=query, headers=PROGRAM)
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(person: Person, **query: Any) -> list[str]:
    return [message["text"] for message in listed(person, **query)["messages"]]


def write_many(name: str, count: int) -> None:
    author = accounts.find(name)
    assert author
    for number in range(1, count + 1):
        messages.post(author.id, f"Number {number}")


# Posting and reading.


def test_alice_posts_and_bob_reads(alice: Person, bob: Person) -> None:
    posted = post(alice, "Good morning")
    assert posted == {
        "id": posted["id"],
        "text": "Good morning",
        "timestamp": posted["timestamp"],
        "author": "alice",
        "edited": False,
        "seq": 1,
    }
    found = listed(bob)
    assert found["messages"] == [posted]
    assert found["cursor"].endswith(".1")
    assert found["before"] is None


def test_the_timestamp_is_iso_8601_in_utc(alice: Person) -> None:
    stamp = post(alice, "Now")["timestamp"]
    assert len(stamp) == len("2026-11-22T20:08:34.000000Z")
    assert stamp[10] + stamp[-1] == "TZ"


def test_charlie_reads_and_writes_nothing(alice: Person, charlie: Person) -> None:
    id = post(alice, "Members only")["id"]
    for method, path in (
        ("GET", "/msgs"),
        ("GET", "/api/messages"),
        ("GET", "/api/messages?after=x.1"),
        ("POST", "/api/message"),
        ("GET", f"/msgs/{id}/edit"),
        ("POST", f"/api/message/{id}/edit"),
        ("GET", f"/msgs/{id}/deletion"),
        ("POST", f"/api/message/{id}/deletion"),
    ):
        data = {"message": "Mine"} if method == "POST" else None
        answer = charlie.request(method, path, data=data, headers=PROGRAM)
        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM), path
        assert "Members only" not in answer.text
    assert texts(alice) == ["Members only"]


def test_pages_follow_one_another_without_gap_or_repetition(alice: Person) -> None:
    write_many("alice", 120)
    first = listed(alice)
    post(alice, "Posted while Alice reads")  # an offset would now repeat a message
    second = listed(alice, before=first["before"])
    third = listed(alice, before=second["before"])
    read = [m["text"] for page in (first, second, third) for m in page["messages"]]
    assert read == [f"Number {number}" for number in range(120, 0, -1)]
    assert [len(page["messages"]) for page in (first, second, third)] == [50, 50, 20]
    assert third["before"] is None


def test_exactly_one_page_has_nothing_older(alice: Person) -> None:
    write_many("alice", 50)
    assert listed(alice)["before"] is None


def test_a_deleted_message_leaves_no_hole_in_a_page(alice: Person) -> None:
    write_many("alice", 51)
    newest = listed(alice)["messages"][0]["id"]
    alice.post(f"/api/message/{newest}/deletion", headers=PROGRAM)
    assert texts(alice) == [f"Number {number}" for number in range(50, 0, -1)]


@pytest.mark.parametrize("before", ["0", "-1", "x", "", "1.5", str(2**63), "9" * 5000])
def test_a_page_before_no_id_is_refused(alice: Person, before: str) -> None:
    answer = alice.get("/api/messages", params={"before": before}, headers=PROGRAM)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["before"])


# Editing.


def test_alice_edits_her_message(alice: Person, bob: Person) -> None:
    posted = post(alice, "Helo")
    edited = alice.post(f"/api/message/{posted['id']}/edit", json={"message": "Hello"})
    assert edited.status_code == 200
    assert edited.json() == posted | {"text": "Hello", "edited": True, "seq": 2}
    assert listed(bob)["messages"] == [edited.json()]


def test_the_same_text_again_is_no_edit(alice: Person) -> None:
    posted = post(alice, "Hello")
    answer = alice.post(f"/api/message/{posted['id']}/edit", json={"message": "Hello"})
    assert answer.json() == posted


def test_an_edit_of_what_was_edited_elsewhere_is_a_conflict(alice: Person) -> None:
    posted = post(alice, "One")
    path, seen = f"/api/message/{posted['id']}/edit", str(posted["seq"])
    assert alice.post(path, json={"message": "Two", "seq": seen}).status_code == 200
    assert alice.post(path, json={"message": "Three", "seq": seen}).status_code == 409
    assert texts(alice) == ["Two"]


@pytest.mark.parametrize("action", ["edit", "deletion"])
def test_bob_cannot_change_what_alice_wrote(alice: Person, bob: Person, action: str) -> None:
    posted = post(alice, "Mine")
    path = f"/api/message/{posted['id']}/{action}"
    assert bob.post(path, json={"message": "Yours"}).status_code == 404
    assert bob.get(f"/msgs/{posted['id']}/{action}").status_code == 404
    assert listed(alice)["messages"] == [posted]


@pytest.mark.parametrize("id", ["0", "999", "-1", str(2**63), "9" * 400])
@pytest.mark.parametrize("action", ["edit", "deletion"])
def test_what_does_not_exist_cannot_be_changed(alice: Person, action: str, id: str) -> None:
    assert alice.post(f"/api/message/{id}/{action}", json={"message": "x"}).status_code == 404
    assert alice.get(f"/msgs/{id}/{action}").status_code == 404


def test_a_seq_that_is_no_number_is_refused(alice: Person) -> None:
    path = f"/api/message/{post(alice, 'One')['id']}/edit"
    for seq in ("x", "-1", "9" * 5000, "²"):
        answer = alice.post(path, json={"message": "Two", "seq": seq})
        assert answer.status_code == 422, seq
        assert list(answer.json()["errors"]) == ["seq"]


# Deleting.


def test_alice_deletes_her_message_for_good(alice: Person, bob: Person) -> None:
    id = post(alice, "Forget this")["id"]
    deletion = f"/api/message/{id}/deletion"
    assert alice.post(deletion, headers=PROGRAM).status_code == 200
    assert texts(bob) == []
    assert alice.post(f"/api/message/{id}/edit", json={"message": "Back"}).status_code == 404
    assert alice.get(f"/msgs/{id}/edit").status_code == 404
    again = alice.post(deletion, headers=PROGRAM)  # the first answer may have been lost
    assert (again.status_code, again.json()["text"]) == (200, "")


def test_a_deleted_text_is_nowhere(alice: Person, bob: Person, database_url: str) -> None:
    cursor = listed(alice)["cursor"]
    first, last = "an early secret " * 20, "a late secret " * 20
    id = post(alice, first)["id"]
    post(alice, "Another message")
    alice.post(f"/api/message/{id}/edit", json={"message": last})
    alice.post(f"/api/message/{id}/deletion")
    for path in ("/msgs", "/api/messages", f"/api/messages?after={cursor}", f"/msgs?before={id+1}"):
        assert "secret" not in bob.get(path).text
        assert "secret" not in alice.get(path).text
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in (first, last)]
    with db.read():
        for table in db.database.get_tables():
            rows = str(db.database.execute_sql(f'SELECT * FROM "{table}"').fetchall())  # noqa: S608
            assert not [trace for trace in ("secret", *digests) if trace in rows], table
        if db.on_sqlite():
            db.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    if db.on_sqlite():
        file = db.sqlite_file(database_url)
        content = b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
        assert b"Another message" in content
        assert b"secret" not in content


# What can be sent.


@pytest.mark.parametrize(
    "text",
    ["x", "x" * 500, EMOJI * 500, "\r\n".join("x" * 250) + "x", "a\rb", "  x", "<b>", "​‮"],
)
def test_a_text_is_kept_as_it_was_written(alice: Person, text: str) -> None:
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    assert post(alice, text)["text"] == kept
    assert texts(alice) == [kept]


@pytest.mark.parametrize(
    "text",
    ["", " ", "\r\n\t", "x" * 501, EMOJI * 501, "\n" * 500 + "x", "a\0b", "\ud83d", None, 1.5, []],
)
def test_a_text_that_cannot_be_taken_is_refused(alice: Person, text: Any) -> None:
    import json  # httpx2 refuses to write lone surrogates

    answer = alice.post(
        "/api/message",
        content=json.dumps({"message": text}),
        headers={"content-type": "application/json"},
    )
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert list(answer.json()["errors"]) == ["message"]
    assert texts(alice) == []


@pytest.mark.parametrize("value", [True, False, {"a": 1}])
def test_a_text_is_not_made_of_what_is_none(alice: Person, value: Any) -> None:
    assert alice.post("/api/message", json={"message": value}).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"message": "Hi\r\nthere"}},
        {"json": {"message": "Hi\r\nthere"}},
        {"files": {"message": (None, "Hi\r\nthere")}},
        {
            "content": '{"message": "Hi\\nthere"}',
            "headers": {"content-type": "Application/JSON; charset=utf-8"},
        },
    ],
    ids=["form", "JSON", "multipart", "JSON with a charset"],
)
def test_a_form_and_json_say_the_same(alice: Person, body: dict[str, Any]) -> None:
    headers = PROGRAM | body.pop("headers", {})
    assert alice.post("/api/message", headers=headers, **body).status_code == 201
    assert texts(alice) == ["Hi\nthere"]


@pytest.mark.parametrize(
    ("content_type", "content", "status"),
    [
        ("text/plain", "message=Hi", 400),
        ("application/json", "{", 400),
        ("application/json", "[1]", 400),
        ("application/json", b"\xff", 400),
        ("application/json", "[" * 60_000, 400),
        ("application/json", '{"message": ' + "9" * 5000 + "}", 400),
        ("multipart/form-data", "message=Hi", 400),
        ("multipart/form-data; boundary=x", "--x\r\nmessage", 400),
        ("application/x-www-form-urlencoded", "&".join(f"f{n}=1" for n in range(1100)), 400),
        ("application/json", '{"self": null, "message": "Hi"}', 422),
        ("application/json", '{"\\ud800": null, "message": "Hi"}', 422),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    alice: Person, content_type: str, content: Any, status: int
) -> None:
    headers = PROGRAM | {"content-type": content_type}
    answer = alice.post("/api/message", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert texts(alice) == []


def test_a_file_is_no_text(alice: Person) -> None:
    answer = alice.post("/api/message", files={"message": ("a.txt", b"Hi")}, headers=PROGRAM)
    assert answer.status_code == 422


# Repeating.


def test_the_same_post_again_gives_the_first_result(alice: Person) -> None:
    first = post(alice, "Once", client_key="k-1")
    assert post(alice, "Once", client_key="k-1") == first
    assert texts(alice) == ["Once"]


def test_after_an_edit_the_repeated_post_gives_the_message_as_it_is(alice: Person) -> None:
    first = post(alice, "Once", client_key="k-1")
    alice.post(f"/api/message/{first['id']}/edit", json={"message": "Twice"})
    repeated = post(alice, "Once", client_key="k-1")
    assert (repeated["id"], repeated["text"]) == (first["id"], "Twice")
    assert texts(alice) == ["Twice"]


def test_after_a_deletion_the_repeated_post_brings_nothing_back(alice: Person) -> None:
    first = post(alice, "Once", client_key="k-1")
    alice.post(f"/api/message/{first['id']}/deletion")
    repeated = post(alice, "Once", client_key="k-1")
    assert (repeated["id"], repeated["text"]) == (first["id"], "")
    assert texts(alice) == []


def test_the_same_key_with_another_text_is_a_conflict(alice: Person) -> None:
    post(alice, "One", client_key="k-1")
    answer = alice.post("/api/message", json={"message": "Two", "client_key": "k-1"})
    assert answer.status_code == 409
    assert texts(alice) == ["One"]


def test_bobs_keys_are_his_own(alice: Person, bob: Person) -> None:
    post(alice, "Alice's", client_key="k-1")
    post(bob, "Bob's", client_key="k-1")
    assert texts(alice) == ["Bob's", "Alice's"]


def test_posts_without_a_key_are_different_posts(alice: Person) -> None:
    post(alice, "Ping")
    post(alice, "Ping")
    assert texts(alice) == ["Ping", "Ping"]


@pytest.mark.parametrize("key", ["a b", "k" * 65, "ключ", "k\n", "../k"])
def test_a_key_of_other_characters_is_refused(alice: Person, key: str) -> None:
    answer = alice.post("/api/message", json={"message": "Hi", "client_key": key})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["client_key"])


def test_the_database_itself_keeps_a_key_unique(alice: Person) -> None:
    post(alice, "One", client_key="k-1")
    with db.read():
        row = Message.get()
        fields = {name: getattr(row, name) for name in ("text", "timestamp", "posted_digest")}
    with pytest.raises(db.peewee.IntegrityError), db.write():
        Message.insert(author=row.author_id, client_key="k-1", **fields).execute()
