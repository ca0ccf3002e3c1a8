"""Lines by the Elastic Common Schema: each one an object of its fields, whoever writes it."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from service import __version__
from service.access import actions
from service.base.ecs import EcsFormatter
from tests import ecs, lines
from tests.inside import run
from tests.people import ONE_DATABASE, PASSWORD, PROGRAM, add_person
from tests.servers import Server, board

NASTY = '"}\r\n{}\x1b[2J\x85\u2028\ud800'


def told(message: str, *details: object, name: str = "a.logger", **extra: object) -> dict[str, Any]:
    made = logging.LogRecord(name, logging.INFO, __file__, 1, message, details, None)
    vars(made).update(extra)
    return ecs.read(EcsFormatter().format(made))


@ONE_DATABASE
def test_a_servers_lines_are_objects_of_the_schema(
    database: None, start_server: Callable[..., Server]
) -> None:
    alice_id = add_person("alice").id
    server = start_server(LOG_FORMAT="ecs", LOG_LEVEL="DEBUG")
    alice = server.sign_in("alice", PASSWORD)
    posted = alice.post("/api/message", json={"message": "A message"}, headers=PROGRAM)
    alice.post(f"/api/message/{posted.json()['id']}/edit", json={"message": "An edit"})
    missing = alice.get("/nothing/here?secret=query")
    server.stop()
    lines = [ecs.read(line) for line in server.output().splitlines()]
    by_request = {line["http.request.id"]: line for line in lines if "http.request.id" in line}
    line = by_request[posted.headers["x-request-id"]]
    assert (
        line.items()
        >= {
            "event.dataset": "board.access",
            "event.category": ["web"],
            "event.type": ["access"],
            "event.outcome": "success",
            "http.request.method": "POST",
            "http.response.status_code": 201,
            "url.path": "/api/message",
            "user.id": str(alice_id),
            "client.address": "127.0.0.1",
            "client.ip": "127.0.0.1",
            "trace.id": posted.headers["x-request-id"],
            "service.name": "board",
            "service.version": __version__,
        }.items()
    )
    assert 100_000 < line["event.duration"] < 60_000_000_000  # in nanoseconds
    assert "/api/message/{message_id}/edit" in {line.get("url.path") for line in lines}
    line = by_request[missing.headers["x-request-id"]]
    assert "url.path" not in line  # no route: it may be anything
    assert line["event.outcome"] == "failure"
    # Granian's, the supervisor's and the workers'.
    assert {"_granian", "service.commands.server", "service.app"} <= {
        line["log.logger"] for line in lines
    }


def test_what_is_done_to_whom_has_the_schemas_words() -> None:
    name, whom = "service.security", {"target": "bob", "target_id": 7, "user_id": 5}
    line = told("user.role", name=name, username="alice", client="", role="guest", **whom)
    assert line["event.action"] == "user.role"
    assert line["event.dataset"] == "board.audit"
    assert (line["event.category"], line["event.type"]) == (["iam"], ["change"])
    assert (line["user.id"], line["user.name"]) == ("5", "alice")
    assert (line["user.target.id"], line["user.target.name"]) == ("7", "bob")
    assert line["board.role"] == "guest"
    assert not {"client.address", "client.ip"} & line.keys()  # a command comes from nowhere
    line = told("signed.in", name=name, client="::1", device="A browser", token_id=3)
    assert (line["event.category"], line["event.type"]) == (["authentication"], ["start"])
    assert (line["event.outcome"], line["client.ip"], line["board.token_id"]) == (
        "success",
        "::1",
        3,
    )


@pytest.mark.parametrize("action", [*actions.ACTIONS, *actions.LOGGED_ALONE])
def test_each_action_is_of_a_category(action: str) -> None:
    alone = action in actions.LOGGED_ALONE
    made = logging.LogRecord(
        "service.security",
        logging.WARNING if alone else logging.INFO,
        __file__,
        1,
        f"{action}: %s" if alone else action,
        ("why",) if alone else (),
        None,
    )
    line = ecs.read(EcsFormatter().format(made))
    assert line["event.action"] == action
    assert line["event.category"]
    assert alone <= (line["event.outcome"] == "failure")


def test_input_is_no_field_of_its_own_and_whole_characters() -> None:
    line = told("said %s", NASTY, username=NASTY)
    assert line["message"].startswith('said "}\r\n{}')
    assert line["user.name"].endswith("\ufffd")
    assert told("a smile: %s", "\U0001f600")["message"] == "a smile: \U0001f600"


def test_a_failure_has_its_traceback_and_no_values_of_variables() -> None:
    secret = "".join(["in a", " variable"])
    made = logging.LogRecord("a", logging.ERROR, __file__, 1, "it broke", (), None)
    try:
        raise ValueError(f"no {len(secret)}")
    except ValueError:
        made.exc_info = sys.exc_info()
    text = EcsFormatter().format(made)
    line = ecs.read(text)
    assert (line["error.type"], line["error.message"]) == ("ValueError", "no 13")
    assert line["error.stack_trace"].startswith("Traceback")
    assert secret not in text


# Whatever else writes to standard error.


def lines_of(stderr: str) -> list[dict[str, Any]]:
    return [ecs.read(line) for line in stderr.splitlines()]


@ONE_DATABASE
def test_what_commands_say_in_a_pods_log_is_lines_of_it(
    database: None, database_url: str, tmp_path: Path
) -> None:
    add_person("alice")
    done = run(database_url, "backup", str(tmp_path), LOG_FORMAT="ecs")
    assert (done.returncode, done.stdout) == (0, "")
    (line,) = lines_of(done.stderr)
    assert re.fullmatch(r"Saved .+ in .+\.zip\.", line["message"])
    done = run(database_url, "migrate", LOG_FORMAT="ecs")
    assert [line["message"] for line in lines_of(done.stderr)] == ["The schema is up to date."]
    done = run(database_url, "user", "disable", "alice", LOG_FORMAT="ecs")
    (line,) = lines_of(done.stderr)
    assert line["process.real_user.id"] == str(os.getuid())
    assert line["event.action"] == "user.disabled"
    for wrong in (("user", "disable", "bob"), ("backup", str(tmp_path / "a" / "b")), ("nonsense",)):
        done = run(database_url, *wrong, LOG_FORMAT="ecs")
        assert done.returncode != 0
        assert {line["log.level"] for line in lines_of(done.stderr)} >= {"error"}


@ONE_DATABASE
def test_a_result_stays_what_it_is(database: None, database_url: str) -> None:
    add_person("alice")
    done = run(database_url, "user", "list", LOG_FORMAT="ecs")
    assert done.stdout.startswith("alice\t")


def test_wrong_settings_are_lines_too(tmp_path: Path) -> None:
    done = board("mysql://h/b", "serve", LOG_FORMAT="ecs", PORT="none")
    told = [line["message"] for line in lines_of(done.stderr)]
    assert len(told) == 2
    assert all(each.startswith("Error: ") for each in told)


BEGIN = """
import multiprocessing, sys, threading, warnings
from service.base import logs
logs.let_all_be_lines("ecs")
"""


def crash(code: str) -> list[dict[str, Any]]:
    """Return the lines of a program that goes on like this once the format holds."""
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", BEGIN + code],
        capture_output=True,
        text=True,
        check=False,
    )
    return lines_of(done.stderr)


def test_a_program_that_breaks_ends_with_one_line() -> None:
    first, line = crash("print('first', file=sys.stderr)\n{}['gone']\n")
    assert (first["message"], first["log.level"]) == ("first", "info")
    assert (line["message"], line["log.level"]) == ("KeyError: 'gone'", "error")
    assert line["error.stack_trace"].startswith("Traceback (most recent call last):\n  File")


def test_a_warning_and_a_threads_failure_are_lines() -> None:
    (line,) = crash("warnings.warn('beware')")
    assert "UserWarning: beware" in line["message"]
    lines = crash("t = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()")
    assert lines[-1]["message"] == "ZeroDivisionError: division by zero"


def test_tracebacks_of_two_threads_do_not_mix() -> None:
    _, first, second = crash(
        "sys.stderr.write('Traceback (most recent call last):\\n  File one')\n"
        "t = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()\n"
        "sys.stderr.write('\\nOSError: one\\n')\n"
    )
    assert "one" not in first["error.stack_trace"]
    assert second["error.stack_trace"].endswith("File one\nOSError: one")


def test_a_worker_that_dies_leaves_lines() -> None:
    fork = "multiprocessing.get_context('fork')"
    begun, line = crash(f"p = {fork}.Process(target=lambda: 1 / 0, name='w')\np.start()\np.join()")
    assert begun["message"] == "Process w:"
    assert line["message"] == "ZeroDivisionError: division by zero"
    assert line["process.pid"] == begun["process.pid"]


# What looks at the lines of all tests.


@pytest.mark.parametrize(
    ("extra", "wrong"),
    [
        ({"surprise": 1}, "board.surprise is no field that we know"),
        ({"days": "seven"}, "board.days is no long"),
        ({"note": "Meet me at the bridge"}, "a line tells 'Meet me at the bridge'"),
        ({"note": f"brd_{'0a' * 20}"}, "a line tells 'brd_0a0a"),
    ],
)
def test_a_line_that_must_not_be_is_found_and_named(extra: dict[str, Any], wrong: str) -> None:
    made = logging.LogRecord("service", logging.INFO, __file__, 1, "what was said", (), None)
    vars(made).update(extra)
    httpx2.Request("POST", "http://board.test", json={"message": "Meet me at the bridge"})
    with pytest.raises(ecs.Wrong, match=re.escape(wrong)) as failure:
        lines.check([EcsFormatter().format(made)])
    assert "what was said" in str(failure.value)
