"""A name server that knows one name, and TLS before a PostgreSQL that has none."""

import asyncio
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME_SERVER = "127.0.0.153"
PORT_OF_NAMES = 53
HEADER = 12  # bytes
ADDRESS_WANTED = b"\x00\x01\x00\x01"  # an A record
SSL_REQUEST = 8  # bytes


class Names(asyncio.DatagramProtocol):
    """Answers that a name is this machine, and that there is no other."""

    def __init__(self, name: str) -> None:
        self.asked = 0
        labels = (label.encode() for label in name.split("."))
        self._name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        end = data.index(b"\0", HEADER) + 1
        question = data[HEADER : end + 4]
        known = data[HEADER:end].lower() == self._name
        answered = known and question.endswith(ADDRESS_WANTED)
        self.asked += known
        flags = b"\x85\x80" if known else b"\x85\x83"
        reply = data[:2] + flags + bytes([0, 1, 0, answered, 0, 0, 0, 0]) + question
        if answered:
            reply += (
                b"\xc0\x0c" + ADDRESS_WANTED + b"\0\0\0\x01" + b"\0\x04" + bytes([127, 0, 0, 1])
            )
        self._transport.sendto(reply, addr)


class Door:
    """Takes PostgreSQL's clients in by TLS only, and passes them on to a port without it."""

    def __init__(self, certificate: Path, port_behind: int) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._behind = port_behind
        self.port = 0
        self.entered = 0

    async def open(self) -> asyncio.Server:
        server = await asyncio.start_server(self._enter, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readexactly(SSL_REQUEST)
            writer.write(b"S")
            await writer.start_tls(self._context)
            self.entered += 1
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._behind)
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextmanager
def running(names: Names, door: Door) -> Generator[None]:
    """Run both in a thread until the block ends."""
    loop, opened, done = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def run() -> None:
        address = (NAME_SERVER, PORT_OF_NAMES)
        listener, _ = await loop.create_datagram_endpoint(lambda: names, local_addr=address)
        server = await door.open()
        opened.set()
        await done.wait()
        listener.close()
        server.close()
        server.close_clients()
        await server.wait_closed()

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert opened.wait(5)
        yield
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
