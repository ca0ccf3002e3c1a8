"""PocketBase, a server of another make, given the same to do as the board.

It is one Go program, `go install github.com/pocketbase/pocketbase/examples/base@v0.36.0`.
"""

import json
import os
import secrets
import subprocess
import tempfile
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.bench.rush import Ask
from tests.bench.served import Served, running
from tests.servers import free_port

OWNER, ALICE = "owner@example.org", "alice@example.org"
RECORDS = "/api/collections/messages/records"
NEWEST = f"{RECORDS}?perPage=50&sort=-created&skipTotal=true&expand=author"
MESSAGES = {
    "name": "messages",
    "type": "base",
    "fields": [
        {"name": "text", "type": "text", "max": 500, "required": True},
        {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
        {"name": "created", "type": "autodate", "onCreate": True},
    ],
    "indexes": ["CREATE INDEX newest ON messages (created)"],
    "listRule": '@request.auth.id != ""',
    "createRule": "@request.auth.id = author",
}


@contextmanager
def pocketbase(program: Path | None) -> Generator["Peer | None"]:
    """Yield an empty PocketBase on which Alice is signed in; None where there is no program."""
    if not program:
        yield None
        return
    port, password = free_port(), secrets.token_urlsafe()
    with tempfile.TemporaryDirectory() as folder:
        base = [str(program.absolute()), "--dir", f"{folder}/data"]  # it writes beside it, too
        subprocess.run(
            [*base, "superuser", "upsert", OWNER, password], check=True, capture_output=True
        )
        serve = [*base, "serve", "--http", f"127.0.0.1:{port}"]
        with running(serve, port, dict(os.environ)) as server:
            yield Peer(server, password)


class Peer:
    """What Alice asks it."""

    def __init__(self, server: Served, password: str) -> None:
        self.server = server
        self._client = httpx2.Client(base_url=server.url)
        self._sign_in("_superusers", OWNER, password)
        self._post("/api/collections", MESSAGES)
        alice = {"email": ALICE, "password": password, "passwordConfirm": password}
        self._author = self._post("/api/collections/users/records", alice)["id"]
        self._sign_in("users", ALICE, password)

    def fill(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._post(RECORDS, {"text": text, "author": self._author})

    def newest(self, _: int) -> bytes:
        return f"GET {NEWEST} HTTP/1.1\r\n{self._headers()}\r\n".encode()

    def posting(self, text: str) -> Ask:
        head = f"POST {RECORDS} HTTP/1.1\r\nContent-Type: application/json\r\n{self._headers()}"

        def ask(number: int) -> bytes:
            body = json.dumps({"text": text.format(number), "author": self._author})
            return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

        return ask

    def _headers(self) -> str:
        return f"Host: peer\r\nAuthorization: {self._client.headers['Authorization']}\r\n"

    def _sign_in(self, collection: str, name: str, password: str) -> None:
        path = f"/api/collections/{collection}/auth-with-password"
        answer = self._post(path, {"identity": name, "password": password})
        self._client.headers["Authorization"] = answer["token"]

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, str]:
        return self._client.post(path, json=body).raise_for_status().json()
