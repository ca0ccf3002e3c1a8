"""Backups with a seal that fits, and contents that no board has saved."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from service.keep import archive

Files = dict[str, bytes]


def in_manifest(**changes: Any) -> Callable[[Files], object]:
    """Return a forgery: the manifest says something else."""

    def change(files: Files) -> None:
        found = json.loads(files["manifest.json"]) | changes
        files["manifest.json"] = json.dumps(found).encode()

    return change


def in_row(name: str, **changes: Any) -> Callable[[Files], object]:
    """Return a forgery: the last row says something else, and the manifest agrees."""

    def change(files: Files) -> None:
        *lines, last = files[name].splitlines()
        lines.append(json.dumps(json.loads(last) | changes).encode())
        put(files, name, b"".join(line + b"\n" for line in lines), len(lines))

    return change


def instead(name: str, content: bytes, rows: int = 1) -> Callable[[Files], object]:
    return lambda files: put(files, name, content, rows)


def put(files: Files, name: str, content: bytes, rows: int) -> None:
    files[name] = content
    found = json.loads(files["manifest.json"])
    found["contents"][name] = {"rows": rows, "sha256": hashlib.sha256(content).hexdigest()}
    files["manifest.json"] = json.dumps(found).encode()


def another(name: str) -> Callable[[Files], object]:
    """Return a forgery: the only row comes again, under another id."""

    def change(files: Files) -> None:
        row = json.loads(files[name])
        again = json.dumps(row | {"id": row["id"] + 1}).encode() + b"\n"
        put(files, name, files[name] + again, 2)

    return change


def twice(files: Files) -> None:
    put(files, "messages.jsonl", files["messages.jsonl"] * 2, 2)


def wrongly_counted(files: Files) -> None:
    put(files, "users.jsonl", files["users.jsonl"], 2)


def silently_changed(files: Files) -> None:
    files["messages.jsonl"] = re.sub(
        b'"text": "[HM]', b'"text": "J', files["messages.jsonl"], flags=re.IGNORECASE
    )


def with_another_file(files: Files) -> None:
    files["sessions.jsonl"] = b""


def in_another_order(files: Files) -> None:
    files["users.jsonl"] = files.pop("users.jsonl")


ARGON = "$argon2id$v=19$m={},t={},p={}" + f"${'A' * 22}${'A' * 43}"
FORGERIES: list[Callable[[Files], object]] = [
    twice,
    wrongly_counted,
    silently_changed,
    with_another_file,
    in_another_order,
    lambda files: files.pop("manifest.json"),
    lambda files: files.pop("events.jsonl"),
    lambda files: files.update({"manifest.json": b"[]"}),
    lambda files: files.update({"manifest.json": b"\xff"}),
    lambda files: files.update({"manifest.json": b"[" * 60_000}),
    in_manifest(seq=0),
    in_manifest(seq="1"),
    in_manifest(seq=-1),
    in_manifest(board=1),
    in_manifest(made="\x1b[2J"),
    in_manifest(made="0001-01-01T00:00:00.000000+14:00"),
    in_manifest(format="2"),
    in_manifest(format=1),
    in_manifest(format=0),
    in_manifest(format=None),
    in_manifest(contents={}),
    in_manifest(contents=["users.jsonl", "messages.jsonl", "events.jsonl"]),
    in_row("users.jsonl", id=-1),
    in_row("users.jsonl", id=2**31),
    in_row("users.jsonl", id="1"),
    in_row("users.jsonl", id=True),
    in_row("users.jsonl", id=1.0),
    in_row("users.jsonl", username="a" * 51),
    in_row("users.jsonl", username=None),
    in_row("users.jsonl", created_at=None),
    in_row("users.jsonl", created_at=0),
    in_row("users.jsonl", created_at="yesterday"),
    in_row("users.jsonl", created_at="2026-11-22T10:00:00.000000"),
    in_row("users.jsonl", created_at="2026-11-22T10:00:00.000000+01:00"),
    in_row("users.jsonl", created_at="0001-01-01T00:00:00.000000+14:00"),
    in_row("users.jsonl", admin=True),
    in_row("users.jsonl", username="red\x1b[31m"),
    in_row("users.jsonl", username=""),
    in_row("users.jsonl", password_hash="garbage"),
    in_row("users.jsonl", password_hash=ARGON.format(4 * 1024 * 1024, 2, 1)),
    in_row("users.jsonl", password_hash=ARGON.format(19_456, 99, 1)),
    in_row("users.jsonl", password_hash=ARGON.format(19_456, 2, 0)),
    in_row("users.jsonl", password_hash=ARGON.format(19_456, 2, 1) + "\n"),
    in_row("users.jsonl", username="\u202ealice", username_key="\u202ealice"),
    in_row("users.jsonl", username="al\u200dice", username_key="al\u200dice"),
    in_row("users.jsonl", username=" alice"),
    in_row("users.jsonl", username="e\u0301", username_key="\xe9"),
    in_row("users.jsonl", username_key="bob"),
    in_row("users.jsonl", timezone="\x1b[2J"),
    in_row("rooms.jsonl", id=2),
    in_row("rooms.jsonl", slug="A room"),
    in_row("rooms.jsonl", kind="secret"),
    in_row("rooms.jsonl", topic=None),
    in_row("messages.jsonl", kind="html"),
    in_row("messages.jsonl", number=-1),
    in_row("messages.jsonl", room_id=7),
    in_row("messages.jsonl", parent_id=7),
    in_row("events.jsonl", kind="Posted"),
    in_row("events.jsonl", message_id=None, subject=None),
    in_row("messages.jsonl", text="a\revent: signed-out"),
    in_row("messages.jsonl", text="a" * 4001),
    in_row("messages.jsonl", text=""),
    in_row("messages.jsonl", deleted_at="2026-11-22T10:00:00.000000Z"),
    in_row("messages.jsonl", removed_at="2026-11-22T10:00:00.000000Z"),
    in_row("messages.jsonl", client_key="a key"),
    in_row("messages.jsonl", posted_digest="a"),
    in_row("messages.jsonl", timestamp="9999-12-31T00:00:00.000000Z"),
    in_row("messages.jsonl", timestamp="0001-01-01T00:00:00.000000Z"),
    in_manifest(seq=2**63 - 1),
    in_row("messages.jsonl", text="a\0b"),
    in_row("messages.jsonl", text="\ud800"),
    in_row("messages.jsonl", text=["Hello"]),
    in_row("messages.jsonl", author_id=7),
    in_row("messages.jsonl", id=2**63),
    in_row("events.jsonl", message_id=7),
    instead("users.jsonl", b"\n"),
    instead("users.jsonl", b"[]\n"),
    instead("users.jsonl", b"{}\n"),
    instead("users.jsonl", b"nonsense\n"),
    instead("users.jsonl", b"\xff\n"),
    instead("users.jsonl", b"[" * 60_000),
    instead("users.jsonl", b" " * archive.MAX_LINE + b"{}\n"),
    instead("users.jsonl", b"1" * 10_000),
    instead("users.jsonl", b'{"id": 1'),
    instead("users.jsonl", b"", 0),
]
