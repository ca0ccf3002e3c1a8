"""Many at once: writers, repetitions, sign-ins against password changes, migrations."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from service.access import begun, sessions
from service.access.audit import OPERATOR
from service.access.visible import Member
from service.accounts import accounts
from service.accounts.accounts import Account
from service.base.errors import Conflict, Invalid, NotSignedIn
from service.data import db, migrations
from service.data.tables import Event, EventCounter, Message, User
from service.messages import messages, writing
from service.people import people
from tests.at_once import DEADLINE, at_once
from tests.people import PASSWORD, add_person, password_hash
from tests.servers import Server, board

WRITERS = 64
EACH = 4


def test_64_writers_at_once_all_succeed_and_nothing_is_lost(database: None, server: Server) -> None:
    add_person("alice")
    alice = server.sign_in("alice", PASSWORD)

    def write(name: int) -> list[tuple[int, str]]:
        with httpx2.Client(base_url=server.url, cookies=alice.cookies, timeout=DEADLINE) as client:
            answers = [
                client.post("/api/message", json={"message": f"{name}.{n}"}) for n in range(EACH)
            ]
        assert [answer.status_code for answer in answers] == [201] * EACH
        return [(answer.json()["id"], answer.json()["text"]) for answer in answers]

    written = at_once([partial(write, name) for name in range(WRITERS)])
    acknowledged = sorted(pair for pairs in written for pair in pairs)
    with db.read():
        stored = [(m.id, m.text) for m in Message.select().order_by(Message.id)]
        assert stored == acknowledged
        assert [e.seq for e in Event.select().order_by(Event.seq)] == [
            *range(1, WRITERS * EACH + 1)
        ]
        assert EventCounter.get().seq == WRITERS * EACH
        # Every message carries the number of its own event.
        assert {m.id: m.seq for m in Message.select()} == {
            e.message_id: e.seq for e in Event.select()
        }


def test_one_post_repeated_in_parallel_is_one_message(database: None, server: Server) -> None:
    add_person("alice")
    alice = server.sign_in("alice", PASSWORD)

    def send() -> dict[str, Any]:
        with httpx2.Client(base_url=server.url, cookies=alice.cookies, timeout=DEADLINE) as client:
            body = {"message": "Once", "client_key": "the-same-key"}
            answer = client.post("/api/message", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    answers = at_once([send] * 16)
    assert answers == [answers[0]] * 16
    listed = alice.get("/api/messages", headers={"Accept": "application/json"}).json()
    assert listed["messages"] == [answers[0]]
    with db.read():
        assert Event.select().count() == 1


def test_edits_and_deletions_at_once_leave_one_last_word(account: Account) -> None:
    message = writing.post(account.id, "First")
    edits = [partial(writing.edit, Member(account.id), message.id, f"Edit {n}") for n in range(8)]
    results = at_once(edits)
    with db.read():
        stored = Message.get()
        events = [event.seq for event in Event.select().order_by(Event.seq)]
    last = max(results, key=lambda view: view.seq)
    assert (stored.text, stored.seq) == (last.text, last.seq) == (last.text, 9)
    assert events == [*range(1, 10)]


def test_of_edits_that_have_seen_the_same_only_one_is_taken(account: Account) -> None:
    message = writing.post(account.id, "First")

    def edit(number: int) -> str | None:
        try:
            return writing.edit(Member(account.id), message.id, f"Edit {number}", message.seq).text
        except Conflict:
            return None

    taken = {text for text in at_once([partial(edit, number) for number in range(8)]) if text}
    assert taken == {messages.own(Member(account.id), message.id).text}


def standing(user_id: int) -> list[str]:
    return [session.id for session in begun.open_sessions(user_id)]


def sign_in(account: Account) -> str | None:
    """Begin a session as the login does once it has verified the password that it read."""
    try:
        return sessions.start(account.id, account.password_hash, "UTC", "").session_id
    except NotSignedIn:
        return None


def change_password(user_id: int, new_hash: str = "new") -> None:
    """Change the password from a page that is signed out right afterwards."""
    verified = accounts.get(user_id).password_hash
    page = sessions.start(user_id, verified, "UTC", "")
    page = sessions.change_password(page, verified, new_hash)
    sessions.end(user_id, page.session_id)


def test_a_password_changed_after_it_was_verified_signs_nobody_in(account: Account) -> None:
    change_password(account.id, "another hash")
    with pytest.raises(NotSignedIn):
        sessions.start(account.id, account.password_hash, "UTC", "")
    assert standing(account.id) == []


def test_a_user_disabled_after_the_password_was_verified_is_not_signed_in(account: Account) -> None:
    people.disable(OPERATOR, account.id)
    assert sign_in(account) is None
    assert standing(account.id) == []


def disable(user_id: int) -> None:
    people.disable(OPERATOR, user_id)


@pytest.mark.parametrize("change", [disable, change_password])
def test_a_change_waits_for_a_sign_in_under_way_and_ends_it(
    account: Account, monkeypatch: pytest.MonkeyPatch, change: Callable[[int], None]
) -> None:
    """The sign-in has looked at the password, and written nothing: the change may not slip by."""
    looked, go_on = threading.Event(), threading.Event()
    update = User.update

    def slow_at_first(**values: object) -> Any:
        if not looked.is_set():
            looked.set()
            assert go_on.wait(DEADLINE)
        return update(**values)

    monkeypatch.setattr(User, "update", slow_at_first)
    with ThreadPoolExecutor() as pool:
        signing_in = pool.submit(sign_in, account)
        assert looked.wait(DEADLINE)
        changing = pool.submit(change, account.id)
        with pytest.raises(TimeoutError):
            changing.result(0.3)
        go_on.set()
        assert signing_in.result(DEADLINE) is not None
        changing.result(DEADLINE)
    assert standing(account.id) == []


def test_a_password_reset_while_its_user_changes_it_stands(account: Account) -> None:
    page = sessions.start(account.id, account.password_hash, "UTC", "")
    accounts.reset_password(account.id, "set by the administrator")
    with pytest.raises(NotSignedIn):
        sessions.change_password(page, account.password_hash, "another hash")
    page = sessions.start(account.id, accounts.get(account.id).password_hash, "UTC", "")
    with pytest.raises(Invalid):
        sessions.change_password(page, account.password_hash, "another hash")
    assert accounts.get(account.id).password_hash not in {"another hash", account.password_hash}


def test_sign_ins_racing_a_password_change_leave_no_session_of_the_old_one(
    account: Account,
) -> None:
    for _ in range(5):
        signing_in = partial(sign_in, accounts.get(account.id))
        at_once([*[signing_in] * 8, partial(change_password, account.id, "another hash")])
        assert standing(account.id) == []
        change_password(account.id, password_hash())


def test_while_one_migrates_the_others_wait(
    database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = tmp_path / "steps"
    shutil.copytree(migrations.STEPS, steps)
    (steps / "9999_slow.py").write_text("import time\n\ndef up(_, db):\n    time.sleep(0.5)\n")
    monkeypatch.setattr(migrations, "STEPS", steps)
    applied = at_once([partial(migrations.upgrade, db.database.obj)] * 4)
    assert sorted(applied) == [[], [], [], ["9999_slow"]]


def test_four_processes_migrate_at_once(empty_url: str) -> None:
    runs = at_once([lambda: board(empty_url, "migrate")] * 4)
    assert [run.returncode for run in runs] == [0] * 4
    assert {run.stderr.partition(" in ")[0] for run in runs} <= {"", "Making a new board"}
    said = sorted(run.stdout for run in runs)
    steps = sorted(step.stem for step in migrations.STEPS.glob("[0-9]*.py"))
    assert said == [
        "".join(f"Applied {step}.\n" for step in steps),
        *["The schema is up to date.\n"] * 3,
    ]
