"""Each address answers in the statuses and types that /openapi.json says, whatever is sent."""

from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from service.base.numbers import MAX_ID
from tests.people import ONE_DATABASE, PAGE, PROGRAM, Person, SignIn, new_client, post

EXAMPLES = 4  # of each operation, for what is right and for what is wrong
STREAM = "/api/events"  # it has no end
OURS = {"accept", "content-length"}
Caller = tuple[Person, dict[str, str]]  # and what they accept
REQUEST = ("method", "url", "headers", "params", "cookies", "json", "data", "files")
bounded = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def send(case: Any, person: Person, accept: dict[str, str]) -> Any:
    """Send what was made up for an operation."""
    sent = case.as_transport_kwargs(base_url="http://board.test")
    prepared: Any = requests.Request(**{k: sent[k] for k in sent if k in REQUEST}).prepare()
    headers = {k: v for k, v in prepared.headers.items() if k.lower() not in OURS}
    return person.request(
        prepared.method, prepared.url, headers=headers | accept, content=prepared.body
    )


def check(operation: Any, mode: GenerationMode, callers: list[Caller]) -> None:
    """Send what is made up for an operation, once, as each of the callers."""

    @bounded
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers_as_described(case: Any) -> None:
        for person, accept in callers:
            # No schema can say what is blank, easy to guess, a zone, or a search.
            case.validate_response(
                send(case, person, accept), excluded_checks=[positive_data_acceptance]
            )

    answers_as_described()


def described(client: TestClient) -> dict[str, Any]:
    """Return what is described, but for who may ask: everybody asks for everything elsewhere."""
    found = client.get("/openapi.json").json()
    del found["components"]["securitySchemes"]
    for methods in found["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    return found


@ONE_DATABASE
@pytest.mark.timeout(400)  # a minute on a quiet machine, for 180 addresses
def test_every_address_answers_as_it_is_described(app_client: TestClient, sign_in: SignIn) -> None:
    post(sign_in("alice"), "Hi")
    schema: Any = schemathesis.openapi.from_dict(described(app_client))
    for operation in (found.ok() for found in schema.get_all_operations()):
        if operation.path == STREAM:
            continue
        # Each in a session of its own, which what is sent may end.
        page, program = sign_in("alice"), sign_in("alice")
        stranger = new_client(app_client)
        callers = [(page, PAGE), (stranger, PAGE), (program, PROGRAM), (stranger, PROGRAM)]
        check(operation, GenerationMode.POSITIVE, callers)
        # A visitor's page is led to sign in, before anything else is looked at.
        if operation.body or operation.query or operation.path_parameters:
            check(operation, GenerationMode.NEGATIVE, callers[2:])


@ONE_DATABASE
def test_no_address_holds_an_id_that_no_database_would(app_client: TestClient) -> None:
    operations = [
        operation
        for methods in app_client.get("/openapi.json").json()["paths"].values()
        for operation in methods.values()
    ]
    numbers = [
        each["schema"]
        for operation in operations
        for each in operation.get("parameters", [])
        if each["in"] == "path" and each["schema"]["type"] == "integer"
    ]
    assert numbers
    assert {(each["minimum"], each["maximum"]) for each in numbers} == {(1, MAX_ID)}
