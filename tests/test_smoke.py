"""The smoke test of a deployed board says that it serves, and says what it does not do."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext

import httpx2
import pytest

from service.messages import messages
from tests import smoke
from tests.people import ONE_DATABASE, PASSWORD, add_person, texts
from tests.servers import PROJECT, Server, free_port
from tests.streams import Frame, open_stream

pytestmark = ONE_DATABASE


@pytest.fixture(autouse=True)
def alice_has_an_account(database: None) -> None:
    add_person("alice")


def run(url: str, password: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.smoke", url, "alice"],
        cwd=PROJECT,
        input=f"{password}\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_board_that_serves_passes_and_is_left_as_it_was(server: Server) -> None:
    before = str(messages.newest_cursor())
    done = run(server.url, PASSWORD)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"alice signed in at {server.url}, posted, and saw it after" in done.stdout
    assert str(messages.newest_cursor()) != before
    assert texts(server.sign_in("alice", PASSWORD)) == []


def test_a_wrong_password_is_said(server: Server) -> None:
    done = run(server.url, "not hers")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: POST /api/login was answered 401: ")


def test_a_board_that_is_not_there_is_said() -> None:
    done = run(f"http://127.0.0.1:{free_port()}", PASSWORD)
    assert done.returncode == 1
    assert "does not answer: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ([], "The stream ended before the message arrived."),
        ([Frame(event="ping")] * 3, "The message did not arrive in the stream."),
    ],
)
def test_a_stream_that_does_not_bring_the_message_fails(
    server: Server, monkeypatch: pytest.MonkeyPatch, frames: list[Frame], said: str
) -> None:
    monkeypatch.setattr(smoke, "open_stream", lambda *_: nullcontext(iter(frames)))
    monkeypatch.setattr(smoke, "DEADLINE", -1)
    with httpx2.Client(base_url=server.url) as client, pytest.raises(smoke.NotServing) as failed:
        smoke.check(client, "alice", PASSWORD)
    assert failed.value.message == said


def test_a_stream_that_is_refused_fails(start_server: Callable[..., Server]) -> None:
    server = start_server(STREAMS_TOTAL="1")
    with open_stream(server.sign_in("alice", PASSWORD), str(messages.newest_cursor())):
        done = run(server.url, PASSWORD)
    assert done.returncode == 1
    assert "The stream did not open as it should" in done.stderr
