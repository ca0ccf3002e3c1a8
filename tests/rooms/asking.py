"""What people ask of rooms by forms and programs in tests."""

from tests.people import PAGE, Person


def make(person: Person, name: str = "Garden", **more: str) -> str:
    """Make a room as a program does, and return its slug."""
    answer = person.post("/api/rooms", json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()["slug"]


def text(person: Person, path: str) -> str:
    answer = person.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def send(person: Person, path: str, **fields: object) -> str:
    """Send a browser's form, and return where it leads."""
    answer = person.post(path, data=fields, headers=PAGE)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]
