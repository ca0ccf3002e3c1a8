"""What a stack's state tells the commands."""

from typing import Any

from infra.commands.state import State


def resource(name: str, kind: str = "kubernetes:core/v1:Secret", **more: Any) -> dict[str, Any]:
    return {"urn": name, "type": kind, "custom": not kind.startswith("board:"), **more}


def test_the_state_counts_objects_and_no_grouping_of_them():
    state = State(
        [
            resource("provider", "pulumi:providers:kubernetes"),
            resource("component", "board:infra:Web"),
            resource("password", "random:index/randomPassword:RandomPassword"),
            resource("secret"),
            resource("secret", delete=True),
        ],
        [],
    )
    assert state.objects == 2
