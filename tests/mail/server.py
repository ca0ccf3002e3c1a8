"""A real mail server in a thread: it takes what it is told to take, and keeps it."""

import email
import email.policy
import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

ALL_RIGHT = "250 fine"


@dataclass
class Received:
    """What has come, and what the server says to a command in place of that all is right."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    came: threading.Condition = field(default_factory=threading.Condition)

    def await_mails(self, count: int = 1) -> list[EmailMessage]:
        """Wait until so many mails have come, and return all."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.mails) >= count, 20)
        return self.mails


class _Handler(socketserver.StreamRequestHandler):
    received: Received

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        self.say("220 mail.test")
        for line in self.rfile:
            words = line.decode().strip()
            self.received.commands.append(words)
            verb = words.split(" ")[0].upper()
            said = self.received.says.get(verb)
            if verb == "EHLO":
                self.say("250-mail.test\r\n250 AUTH PLAIN")
            elif said:
                self.say(said)
            elif verb == "AUTH":
                self.say("235 welcome")
            elif verb == "DATA":
                self.say("354 go on")
                self._take()
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.say(ALL_RIGHT)
        return None

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        mail = email.message_from_bytes(
            b"".join(lines).replace(b"\r\n", b"\n"), policy=email.policy.default
        )
        assert isinstance(mail, EmailMessage)
        self.say(ALL_RIGHT)
        with self.received.came:
            self.received.mails.append(mail)
            self.received.came.notify_all()


@contextmanager
def mail_server() -> Generator[Received]:
    """Yield what a server on this machine receives."""
    received = Received()
    handler = type("Handler", (_Handler,), {"received": received})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        received.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield received
        server.shutdown()
        thread.join()
