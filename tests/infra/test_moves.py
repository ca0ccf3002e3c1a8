"""Settings that would leave messages behind: refused before anything, by what there is."""

from functools import cache
from typing import Any

import pytest

from tests.infra.engine import Run, run
from tests.infra.scenarios import IMAGE

MOVE = (
    "deploy a second board with the new value (--stack NAME, with a nodePort of its own), restore "
    "a backup of this one there, and take this one down."
)
BEHIND = f"the messages would stay behind. To move them, {MOVE}"


@cache
def left(**values: Any) -> dict[str, Any]:
    """Return what an `up` with these settings leaves for the next one to know."""
    first = run({"image": IMAGE, **values})
    assert first.error == ""
    return first.outputs


def after(outputs: dict[str, Any], values: dict[str, object], *, preview: bool = False) -> Run:
    return run({"image": IMAGE, **values}, before=outputs, preview=preview)


@pytest.mark.parametrize(
    ("before", "change", "sentence"),
    [
        (
            {},
            {"namespace": "other"},
            f"namespace can't be changed from htmx-fastapi to other: {BEHIND}",
        ),
        (
            {},
            {"database": "cloudnativepg"},
            f"database can't be changed from statefulset to cloudnativepg: {BEHIND}",
        ),
        (
            {"storageClass": "slow"},
            {"storageClass": "fast"},
            "storageClass can't be changed from slow to fast: a volume keeps its class. "
            f"To move what is in it, {MOVE}",
        ),
        (
            {},
            {"databaseStorage": "1000Mi"},
            "databaseStorage can't be lowered from 10Gi to 1000Mi: a volume only grows. "
            f"To have a smaller one, {MOVE}",
        ),
        (
            {},
            {"backupStorage": "4Gi"},
            "backupStorage can't be lowered from 5Gi to 4Gi: a volume only grows. "
            f"To have a smaller one, {MOVE}",
        ),
        (
            {"databasePasswordNumber": 3},
            {"databasePasswordNumber": 2},
            "databasePasswordNumber can't be lowered from 3 to 2: the passwords before are "
            "refused by now. Raise it to have a new one.",
        ),
    ],
)
@pytest.mark.parametrize("preview", [False, True], ids=["up", "preview"])
def test_a_setting_that_would_leave_messages_behind_is_refused_and_nothing_is_made(
    before: dict[str, object], change: dict[str, object], sentence: str, preview: bool
):
    found = after(left(**before), before | change, preview=preview)
    assert found.error == sentence
    assert [resource.type for resource in found.resources.values()] == ["pulumi:pulumi:Stack"]


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ({}, {}),
        ({}, {"databaseStorage": "11Gi", "backupStorage": "1Ti"}),
        ({}, {"databaseStorage": "10240Mi"}),
        ({"storageClass": "slow"}, {"storageClass": ""}),
        ({}, {"databasePasswordNumber": 2}),
    ],
)
def test_a_change_that_keeps_the_messages_is_accepted(
    before: dict[str, object], change: dict[str, object]
):
    assert after(left(**before), before | change).error == ""


def test_a_board_of_an_older_release_told_its_namespace():
    told = {"namespace": "htmx-fastapi", "url": "http://localhost:30080"}
    found = after(told, {"namespace": "x"})
    assert found.error.startswith("namespace can't be changed from htmx-fastapi to x")
    assert after(told, {"database": "cloudnativepg"}).error == ""


def test_naming_the_class_that_a_volume_has_replaces_nothing():
    claims = [r for r in run({"image": IMAGE}).resources.values() if "VolumeClaim" in r.type]
    assert {tuple(r.request.ignoreChanges) for r in claims} == {("spec.storageClassName",)}
