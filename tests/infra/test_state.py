"""What a stack's state tells the commands."""

from typing import Any

from infra.commands.state import State


def resource(name: str, kind: str = "kubernetes:core/v1:Secret", **more: Any) -> dict[str, Any]:
    return {"urn": name, "type": kind, "custom": not kind.startswith("board:"), **more}


def test_what_is_protected_stays_with_what_it_needs():
    state = State(
        [
            resource("provider", "pulumi:providers:kubernetes"),
            resource("room", "board:infra:Room"),
            resource("namespace", protect=True, parent="room"),
            resource("password"),
            resource("claim", protect=True, dependencies=["namespace", "password"]),
            resource("secret", dependencies=["password"]),
        ],
        [],
    )
    assert state.going(protected=True) == 4
    assert state.going(protected=False) == 1
