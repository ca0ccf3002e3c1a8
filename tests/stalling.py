"""Readers of a stream who read nothing, while what they are sent piles up."""

import socket
from contextlib import suppress

import httpx2

from tests.people import cookie_name, token
from tests.servers import Server


def stalled(
    server: Server, client: httpx2.Client, start: str, room: str = "board"
) -> socket.socket:
    """Open a stream of a room, and read nothing of what it brings after a cursor."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", server.port))
    reader.sendall(
        f"GET /api/events?after={start}&room={room} HTTP/1.1\r\nHost: board\r\n"
        f"Cookie: {cookie_name(client)}={token(client)}\r\n\r\n".encode()
    )
    assert reader.recv(12) == b"HTTP/1.1 200"
    return reader


def rest(reader: socket.socket) -> str:
    """Return all that a reader is sent until its stream ends or breaks off, as it is sent."""
    told = b""
    with suppress(ConnectionError):
        while more := reader.recv(1 << 16):
            told += more
    return told.decode(errors="replace")
