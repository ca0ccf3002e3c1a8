"""The stand-in engine sees what it is there to see."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_random import RandomPassword

from tests.infra import engine
from tests.infra.engine import run

ConfigMap = kubernetes.core.v1.ConfigMap


def test_a_secret_outside_a_secret_is_seen_and_where():
    def program() -> None:
        password = RandomPassword("password", length=40)
        ConfigMap("leak", data={"fine": "text", "password": password.result})

    found = run({}, what=program)
    assert found.named("leak", ":ConfigMap").secrets == {("data", "password")}


def test_a_secret_output_is_seen():
    def program() -> None:
        pulumi.export("password", RandomPassword("password", length=40).result)

    assert run({}, what=program).secret_outputs == {("password",)}


def test_a_null_on_the_wire_is_seen():
    labels: Any = {"a": None}

    def program() -> None:
        ConfigMap("nothing", metadata={"labels": labels})

    assert run({}, what=program).named("nothing", ":ConfigMap").inputs["metadata"] == {
        "labels": {"a": None}
    }


def test_two_resources_of_one_name_are_refused():
    def program() -> None:
        for _ in range(2):
            ConfigMap("twice", data={})

    assert "duplicate resource" in run({}, what=program).error


def test_what_is_made_is_not_known_in_a_preview():
    def program() -> None:
        password = RandomPassword("password", length=40)
        kubernetes.core.v1.Secret("secret", string_data={"password": password.result})

    known = run({}, what=program).named("secret", ":Secret").inputs["stringData"]
    assert known == {"password": engine.made_secret("password", 40)}
    unknown = run({}, preview=True, what=program).named("secret", ":Secret").inputs["stringData"]
    assert engine.UNKNOWN in str(unknown)


def test_a_program_that_fails_says_so():
    def program() -> None:
        raise pulumi.RunError("It can't be.")

    assert run({}, what=program).error == "It can't be."
