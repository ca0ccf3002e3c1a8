"""What people do in threads, as programs."""

from typing import Any

from tests.people import PROGRAM, Person


def reply(person: Person, number: int, text: str, **fields: str) -> Any:
    """Reply to a message, and return the answer."""
    sent = {"message": text, **fields}
    return person.post(f"/api/message/{number}/reply", json=sent, headers=PROGRAM)


def replied(person: Person, number: int, text: str) -> int:
    """Reply to a message, and return the number of the reply."""
    answer = reply(person, number, text)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def thread(person: Person, number: int, **query: Any) -> Any:
    """Return a thread as programs get it."""
    answer = person.get(f"/api/message/{number}/replies", params=query, headers=PROGRAM)
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(person: Person, number: int, **query: Any) -> list[str]:
    """Return the texts of a thread's replies, the newest first."""
    return [each["text"] for each in thread(person, number, **query)["messages"]]
