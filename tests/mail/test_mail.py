"""Mail leaves after the answer, whole and in order, and what goes wrong is told."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio
import pytest

from service.access.options import Current
from service.base.config import Settings
from service.base.lanes import Lanes
from service.base.shared import Shared
from service.base.smtp import Smtp
from service.mail import outbox as outboxes
from service.mail import smtp
from service.mail.outbox import Outbox
from service.mail.smtp import Mail
from tests.mail.server import Received
from tests.streams import until

MAIL = Mail("ada@example.org", "Your link", "Here it is:\n\nhttps://board.test/x\n")
SENDER = "board@example.org"


@pytest.fixture
def server(received: Received) -> Smtp:
    return Smtp("127.0.0.1", received.port, SENDER, "board", "s3cret")


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outboxes, "PAUSE", 0.01)


@asynccontextmanager
async def sending(
    server: Smtp | None, public_url: str = "https://b.test"
) -> AsyncGenerator[Outbox]:
    settings = Settings(smtp=server, public_url=public_url, board_name="Our Board")
    outbox = Outbox(settings, Lanes(20, one_writer=True), Current(settings), Shared())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(outbox.run)
        yield outbox
        tasks.cancel_scope.cancel()


def test_a_mail_arrives_whole(received: Received, server: Smtp) -> None:
    smtp.send(server, "Büro:\r\nBcc: x@y.z", replace(MAIL, to="ada@bücher.example"))
    (mail,) = received.mails
    assert mail["From"] == '"Büro: Bcc: x@y.z" <board@example.org>'
    assert mail["To"] == "ada@xn--bcher-kva.example"
    assert mail["Subject"] == MAIL.subject
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Bcc"] is None
    assert mail["Date"]
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail.get_content() == MAIL.text
    assert any(line.startswith("AUTH PLAIN") for line in received.commands)


def test_another_machine_gets_nothing_unencrypted(
    monkeypatch: pytest.MonkeyPatch, received: Received, server: Smtp
) -> None:
    monkeypatch.setattr("service.base.smtp.SAME_MACHINE", frozenset())
    with pytest.raises(smtp.FAILURES, match="STARTTLS") as raised:
        smtp.send(server, "Board", MAIL)
    assert smtp.is_permanent(raised.value)
    assert {line.split()[0].upper() for line in received.commands} == {"EHLO", "QUIT"}


@pytest.mark.anyio
async def test_mails_leave_in_order_and_one_that_fails_holds_up_no_other(
    received: Received, server: Smtp, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Mail:
        raise ValueError("broken")

    async with sending(server) as outbox:
        assert outbox.open
        outbox.put(lambda: replace(MAIL, subject="1"))
        outbox.put(lambda: None)
        outbox.put(broken)
        outbox.put(lambda: replace(MAIL, subject="2"))
        await until(lambda: len(received.mails) == 2)
    assert [mail["Subject"] for mail in received.mails] == ["1", "2"]
    assert "a mail could not be written" in caplog.text


@pytest.mark.anyio
async def test_a_server_that_asks_for_patience_is_tried_again(
    received: Received, server: Smtp, caplog: pytest.LogCaptureFixture
) -> None:
    written = []
    received.says["RCPT"] = "451 later"
    async with sending(server) as outbox:
        outbox.put(lambda: written.append(1) or MAIL)
        await until(lambda: outbox.trouble)
        assert outbox.trouble
        assert outbox.trouble.reason == "it refused the recipient (451)"
        received.says.clear()
        await until(lambda: received.mails)
        await until(lambda: outbox.trouble is None)
    assert written == [1]  # a link is not made twice
    assert "will be tried again: it refused the recipient (451)" in caplog.text
    assert "ada@" not in caplog.text


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("said", "tries", "reason"),
    [
        ("RCPT 550 nobody", 1, "it refused the recipient (550)"),
        ("AUTH 535 no", 1, "it does not take the user and the password"),
        ("RCPT 451 later", outboxes.TRIES, "it refused the recipient (451)"),
    ],
)
async def test_a_mail_that_is_refused_is_given_up(
    received: Received,
    server: Smtp,
    caplog: pytest.LogCaptureFixture,
    said: str,
    tries: int,
    reason: str,
) -> None:
    command, _, answer = said.partition(" ")
    received.says[command] = answer
    async with sending(server) as outbox:
        outbox.put(lambda: MAIL)
        await until(lambda: "a mail was not sent: " in caplog.text)
    assert f"a mail was not sent: {reason}" in caplog.text
    assert sum(line.startswith("ehlo") for line in received.commands) == tries
    assert "s3cret" not in caplog.text


@pytest.mark.anyio
async def test_a_server_that_is_away_is_told_in_words(caplog: pytest.LogCaptureFixture) -> None:
    async with sending(Smtp("127.0.0.1", 1, SENDER)) as outbox:
        outbox.put(lambda: MAIL)
        await until(lambda: outbox.trouble)
    assert "tried again: Connection refused" in caplog.text


@pytest.mark.anyio
@pytest.mark.parametrize("given", ["no server", "no address"])
async def test_nothing_is_mailed_without_a_server_or_an_address(
    server: Smtp, received: Received, given: str
) -> None:
    no_server = given == "no server"
    async with sending(None if no_server else server, "https://b.test" * no_server) as outbox:
        outbox.put(lambda: pytest.fail("written"))
        assert not outbox.open
    assert received.commands == []


@pytest.mark.anyio
async def test_nobody_fills_the_box_of_somebody_else(
    received: Received, server: Smtp, caplog: pytest.LogCaptureFixture
) -> None:
    async with sending(server) as outbox:
        for name in ["ada", "ADA"] * 3 + ["bob"]:
            outbox.put(lambda name=name: replace(MAIL, to=f"{name}@example.org"))
        await until(lambda: len(received.mails) == 6)
    assert [mail["To"].lower()[:3] for mail in received.mails] == ["ada"] * 5 + ["bob"]
    assert "an address has got many mails; one more was dropped" in caplog.text


@pytest.mark.anyio
async def test_a_crowd_of_mails_is_bounded(
    monkeypatch: pytest.MonkeyPatch, server: Smtp, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outboxes, "MOST", 2)
    settings = Settings(smtp=server, public_url="https://b.test")
    outbox = Outbox(settings, Lanes(20, one_writer=True), Current(settings), Shared())
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            outbox.put(lambda: MAIL)
    assert "2 mails wait already; one more was dropped" in caplog.text
