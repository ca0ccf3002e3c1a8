"""Forgotten passwords: whoever asks learns nothing of who has an account."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from service.base.config import Settings
from service.base.smtp import Smtp
from service.mail.outbox import Outbox
from service.resets.routes import SENT
from tests.mail.server import Received
from tests.people import HTMX, ONE_DATABASE, PAGE, PROGRAM, Person, add_person, no_database
from tests.resets.proving import prove

pytestmark = ONE_DATABASE


class TestWithMail:
    @pytest.fixture
    def settings(self, settings: Settings, received: Received) -> Settings:
        server = Smtp("127.0.0.1", received.port, "board@example.org")
        return replace(settings, smtp=server, public_url="http://board.test")

    def test_a_link_arrives(self, visitor: Person, received: Received) -> None:
        add_person("alice")
        prove("alice", "alice@example.org")
        page = visitor.get("/forgotten", headers=PAGE)
        assert "Username or e-mail address" in page.text
        answer = visitor.post("/api/forgotten", data={"who": "alice"}, headers=PAGE)
        assert (answer.status_code, SENT in answer.text) == (200, True)
        (mail,) = received.await_mails()
        assert mail["To"] == "alice@example.org"
        assert "http://board.test/reset?code=" in mail.get_content()

    @pytest.mark.parametrize("headers", [PAGE, HTMX, PROGRAM], ids=["page", "htmx", "program"])
    def test_known_and_unknown_get_the_same_answer_before_anybody_looks(
        self, visitor: Person, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
    ) -> None:
        add_person("alice")
        prove("alice", "alice@example.org")
        waiting: list[Callable[[], Any]] = []
        monkeypatch.setattr(Outbox, "put", lambda _, write: waiting.append(write))
        visitor.get("/forgotten")  # the options are known from here on
        with no_database():
            answers = [
                visitor.post("/api/forgotten", data={"who": who}, headers=headers)
                for who in ("alice", "alice@example.org", "nobody", "no@example.org")
            ]
        assert len({(answer.status_code, answer.text) for answer in answers}) == 1
        assert answers[0].status_code == 200
        assert len(waiting) == 4

    def test_somebody_must_be_named(self, visitor: Person) -> None:
        answer = visitor.post("/api/forgotten", data={"who": " "}, headers=PAGE)
        assert answer.status_code == 422
        assert "Enter your username or e-mail address." in answer.text

    def test_a_network_that_asks_on_and_on_has_to_wait(self, visitor: Person) -> None:
        codes = [visitor.post("/api/forgotten", json={"who": "x"}).status_code for _ in range(6)]
        assert codes == [200] * 5 + [429]


def test_a_board_without_mail_says_whom_to_ask(visitor: Person) -> None:
    page = visitor.get("/forgotten", headers=PAGE)
    assert (page.status_code, "Ask an admin" in page.text) == (200, True)
    answer = visitor.post("/api/forgotten", json={"who": "alice"})
    assert answer.status_code == 409
    assert answer.json()["detail"] == "This board sends no mail. Ask an admin for a link."
