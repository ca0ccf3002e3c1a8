"""Logs: one line per record, with what is needed and nothing that is secret."""

import asyncio
import io
import json
import logging
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from service.base import logs
from tests.inside import run
from tests.people import ONE_DATABASE, PASSWORD, PROGRAM, SignIn, add_person, token
from tests.servers import Server

TEXT = "A message is nobody else's business"
GUESS = "a guessed password"


def lines_of(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.output().splitlines()]


def test_a_servers_log_tells_what_happened_and_no_secret(
    database: None, start_server: Callable[..., Server]
) -> None:
    account = add_person("alice")
    server = start_server(LOG_FORMAT="json", LOG_LEVEL="DEBUG")
    with httpx2.Client(base_url=server.url, headers=PROGRAM) as visitor:
        visitor.post("/api/login", data={"username": "alice", "password": GUESS})
        visitor.post("/api/login", data={"username": f"{GUESS}\n{{}}", "password": "x"})
    alice = server.sign_in("alice", PASSWORD)
    posted = alice.post("/api/message", json={"message": TEXT}, headers=PROGRAM)
    alice.post(f"/api/message/{posted.json()['id']}/edit", json={"message": TEXT + "!"})
    alice.get("/msgs?before=5&secret=query")
    alice.get("/nothing/here?secret=query")
    alice.get("/static/css/style.css")
    with alice.stream("GET", "/api/events?after=secret.query") as stream:
        assert next(stream.iter_lines()) == "event: resync"
    cookie = token(alice)
    assert server.stop() < 5

    told = lines_of(server)
    for line in told:
        assert {"time", "level", "logger", "message"} <= set(line)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"])
    requests = told_of_requests(told, account.id)
    assert requests[3] == posted.headers["x-request-id"]
    assert told_of_signing_in(told, account.id) == requests[:3]
    holds_no_secret(server.output(), cookie, account.password_hash)


def told_of_requests(told: list[dict[str, Any]], user_id: int) -> list[str]:
    """Return the ids of the requests, each of which must be one line."""
    access = [line for line in told if line["logger"] == "service.access"]
    access = [line for line in access if line["message"] != "GET /readyz"]
    assert [(line["message"], line["status"], line["user_id"]) for line in access] == [
        ("POST /api/login", 401, None),
        ("POST /api/login", 401, None),
        ("POST /api/login", 200, user_id),
        ("POST /api/message", 201, user_id),
        ("POST /api/message/{message_id}/edit", 200, user_id),
        ("GET /msgs", 200, user_id),
        ("GET -", 404, None),
        ("GET /static/{name}", 200, None),
        ("GET /api/events", 200, user_id),
    ]
    for line in access:
        assert isinstance(line["milliseconds"], float)
        assert line["client"] == "127.0.0.1"
    assert len({line["request_id"] for line in access}) == len(access)
    return [line["request_id"] for line in access]


def told_of_signing_in(told: list[dict[str, Any]], user_id: int) -> list[str]:
    """Return the ids of the requests in which somebody did, or tried to."""
    secure = [line for line in told if line["logger"] == "service.security"]
    assert [(line["message"], line["username"]) for line in secure] == [
        ("sign-in refused", "alice"),
        ("sign-in refused", None),
        ("signed.in", "alice"),
    ]
    assert (secure[2]["user_id"], secure[2]["client"]) == (user_id, "127.0.0.1")
    return [line["request_id"] for line in secure]


def holds_no_secret(everything: str, cookie: str, password_hash: str) -> None:
    signature = cookie.split(".")[2]
    for secret in (PASSWORD, GUESS, TEXT, cookie, signature, "secret", password_hash):
        assert secret not in everything
    assert not re.search(r"eyJ\w+\.", everything)  # how every token begins
    for name in ("cookie", "session-"):
        assert name not in everything.lower()


# One record, one line.


NASTY = "alice\r\n{}\n\x1b[2J\x85\u2028INFO x status=200"


def record(message: str = "said %s", *details: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("a.logger", logging.INFO, __file__, 1, message, details, None)
    vars(made).update(extra)
    return made


@pytest.mark.parametrize("formatter", [logs.HumanFormatter, logs.JsonFormatter])
def test_input_writes_no_line_of_its_own(formatter: type[logging.Formatter]) -> None:
    for made in (record("said %s", NASTY), record("sign-in refused", username=NASTY)):
        line = formatter().format(made)
        assert line.splitlines() == [line]
        assert "\x1b" not in line


def test_lines_of_one_turn_are_written_together_and_a_warning_waits_for_nobody() -> None:
    writes: list[str] = []

    class Stream(io.StringIO):
        def write(self, text: str, /) -> int:
            writes.append(text)
            return len(text)

    handler = logs.Lines()
    handler.setStream(Stream())

    async def tell() -> None:
        for name in ("one", "two"):
            handler.handle(record(name))
        assert writes == []
        await asyncio.sleep(0)
        assert writes == ["one\ntwo\n"]
        handler.handle(record("three"))
        await asyncio.to_thread(handler.handle, record("four, of a thread"))
        assert writes[1:] == ["three\nfour, of a thread\n"]
        await asyncio.sleep(0)
        failure = record("five")
        failure.levelno = logging.WARNING
        handler.handle(failure)
        assert writes[2:] == ["five\n"]

    asyncio.run(tell())
    handler.handle(record("six"))
    assert writes[-1] == "six\n"


def test_what_people_change_of_their_accounts_is_told(
    sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    alice, phone = sign_in("alice"), sign_in("alice")
    caplog.set_level(logging.INFO, "service.security")
    for current in (GUESS, PASSWORD):
        fields = {"current_password": current, "new_password": "several unusual words"}
        alice.post("/api/account/password", json=fields)
    alice.post("/api/account/sessions/end", headers=PROGRAM)
    phone.post("/api/account/sessions/end", headers=PROGRAM)  # ended already
    assert [
        (line.levelname, line.getMessage(), vars(line)["username"])
        for line in caplog.records
        if line.name == "service.security"
    ] == [
        ("WARNING", "current password refused", "alice"),
        ("INFO", "password.changed", "alice"),
        ("INFO", "sessions.ended", "alice"),
    ]
    assert not any(secret in caplog.text for secret in (GUESS, PASSWORD, "unusual"))


@ONE_DATABASE
def test_what_commands_change_is_told_on_standard_error(
    database: None, database_url: str, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.zip"
    commands = (
        (("user", "add", "alice", "--role", "member"), "several unusual words\n", "user.added"),
        (("user", "password", "alice"), "some other unusual words\n", "password.changed"),
        (("user", "disable", "alice"), "", "user.disabled"),
        (("user", "enable", "alice"), "", "user.enabled"),
        (("backup", str(saved)), "", None),
        (("restore", "--replace", str(saved)), "", "backup.restored"),
    )
    for arguments, stdin, expected in commands:
        done = run(database_url, *arguments, stdin=stdin, LOG_FORMAT="json")
        assert done.returncode == 0, done.stderr
        told = [json.loads(line) for line in done.stderr.splitlines()]
        assert [line["message"] for line in told] == ([expected] if expected else [])
        assert all(line["uid"] == os.getuid() and "time" in line for line in told)
        assert "unusual" not in done.stderr


def test_for_people_a_line_has_words() -> None:
    line = logs.HumanFormatter().format(record("GET %s", "/msgs", status=200, name_given="a b"))
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d INFO a\.logger "
        r'GET /msgs status=200 name_given="a b"',
        line,
    )


def test_for_machines_a_line_is_an_object() -> None:
    entry = json.loads(logs.JsonFormatter().format(record("GET %s", "/msgs", status=200)))
    entry.pop("time")
    assert entry == {
        "level": "INFO",
        "logger": "a.logger",
        "message": "GET /msgs",
        "status": 200,
    }


def test_a_failure_is_one_line_too_with_its_traceback() -> None:
    made = record("it broke")
    try:
        raise ValueError("no")
    except ValueError:
        made.exc_info = sys.exc_info()
    line = logs.JsonFormatter().format(made)
    assert "\n" not in line
    assert "ValueError: no" in json.loads(line)["exception"]


def test_an_unforeseen_failure_is_logged_with_its_request(
    sign_in: SignIn, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.messages import messages

    alice = sign_in("alice")
    monkeypatch.setattr(messages, "newest", lambda *_, **__: 1 / 0)
    answer = alice.get("/msgs")
    (failure,) = [line for line in caplog.records if line.levelname == "ERROR"]
    assert failure.exc_info
    assert failure.exc_info[0] is ZeroDivisionError
    assert answer.status_code == 500
