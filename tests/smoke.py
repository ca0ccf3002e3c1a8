"""`python -m tests.smoke URL NAME`: sign in to a running board, post, and see the message arrive.

It asks for nothing but what people do, so it suits a board behind any proxy, and takes its message
back. The password is read from standard input.
"""

import secrets
import sys
import time
from collections.abc import Iterator
from typing import Any

import click
import httpx2

from tests.streams import Frame, open_stream

DEADLINE = 30  # seconds, for each step


class NotServing(click.ClickException):
    """What the board did not do."""


@click.command()
@click.argument("url")
@click.argument("name")
def main(url: str, name: str) -> None:
    """Check that the board at URL serves the user NAME."""
    password = sys.stdin.readline().rstrip("\n")
    with httpx2.Client(base_url=url, timeout=DEADLINE) as client:
        seconds = check(client, name, password)
    click.echo(f"{name} signed in at {url}, posted, and saw it after {seconds * 1000:.0f} ms.")


def check(client: httpx2.Client, name: str, password: str) -> float:
    """Return the seconds from a post to its arrival in a stream that was open before."""
    try:
        _ask(client, "POST", "/api/login", json={"username": name, "password": password})
        cursor = _ask(client, "GET", "/api/messages")["cursor"]
        with open_stream(client, cursor) as frames:
            return _post_and_see(client, frames)
    except httpx2.HTTPError as error:
        raise NotServing(f"{client.base_url} does not answer: {error}") from error
    except AssertionError as error:
        raise NotServing(f"The stream did not open as it should: {error}") from error


def _post_and_see(client: httpx2.Client, frames: Iterator[Frame]) -> float:
    text = f"A smoke test says {secrets.token_hex(8)}"
    started = time.monotonic()
    message = _ask(client, "POST", "/api/message", json={"message": text})
    try:
        while next(frames).text != text:
            if time.monotonic() > started + DEADLINE:
                raise NotServing("The message did not arrive in the stream.")
    except StopIteration:
        raise NotServing("The stream ended before the message arrived.") from None
    finally:
        _ask(client, "POST", f"/api/message/{message['id']}/deletion")
    return time.monotonic() - started


def _ask(client: httpx2.Client, method: str, path: str, **content: Any) -> Any:
    answer = client.request(method, path, headers={"accept": "application/json"}, **content)
    if not answer.is_success:
        raise NotServing(f"{method} {path} was answered {answer.status_code}: {answer.text[:500]}")
    return answer.json() if answer.content else None


if __name__ == "__main__":
    main()
