"""The checks are worth something: whatever is broken, one of them goes red."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra import checks, schemas
from tests.infra.mutations import BOX, GONE, MUTATIONS, POD
from tests.infra.objects import Object, leaves, one
from tests.infra.scenarios import SCENARIOS, manifests, rendered

# Maps whose keys are anybody's; what is in them is for the checks below.
FREE = {"labels", "matchLabels", "annotations", "data", "stringData", "hard", "parameters"}
FREE |= {"requests", "limits", "default", "defaultRequest", "max", "selector"}


def change(objects: list[Object], title: str, where: str, value: Any) -> None:
    """Put `value` where the dotted path says, in which `~` is a dot that is part of a key."""
    part: Any = one(objects, *title.split("/"))
    *steps, last = [step.replace("~", ".") for step in where.split(".")]
    for step in steps:
        part = part[int(step) if isinstance(part, list) else step]
    key = int(last) if isinstance(part, list) else last
    if value is GONE:
        del part[key]
    else:
        part[key] = value


@pytest.mark.parametrize(
    ("name", "title", "where", "value", "check"),
    MUTATIONS,
    ids=[f"{n}-{title}-{where}" for n, (_, title, where, *_) in enumerate(MUTATIONS)],
)
def test_a_broken_field_is_noticed(name: str, title: str, where: str, value: Any, check: str):
    objects = copy.deepcopy(manifests(rendered(name)))
    change(objects, title, where, value)
    assert [fault for fault in checks.faults(objects) if fault.startswith(check)]


def every_field() -> Iterator[tuple[Object, tuple[str | int, ...]]]:
    """Yield each field of each kind of object once, with an object that has it."""
    seen = set()
    for name in SCENARIOS:
        for item in manifests(rendered(name)):
            for path in leaves(item):
                kind = (item["kind"], *(step for step in path if isinstance(step, str)))
                if path[0] not in {"apiVersion", "kind"} and kind not in seen:
                    seen.add(kind)
                    yield item, path


def broken(item: Object, path: tuple[str | int, ...], key: Any, value: Any) -> Object:
    changed = copy.deepcopy(item)
    part: Any = changed
    for step in path[:-1]:
        part = part[step]
    del part[path[-1]]
    if isinstance(part, list):
        part.insert(int(path[-1]), value)
    else:
        part[key] = value
    return changed


def test_every_misspelt_field_is_noticed():
    tried = 0
    for item, path in every_field():
        if isinstance(path[-1], str) and not FREE & set(path[:-1]):
            tried += 1
            value: Any = item
            for step in path:
                value = value[step]
            misspelt = broken(item, path, f"{path[-1]}x", value)
            assert schemas.faults(misspelt, "1.37"), (item["kind"], path)
    assert tried > 200


def test_every_value_of_a_wrong_type_is_noticed():
    tried = 0
    for item, path in every_field():
        if item["kind"] not in {"Cluster", "HTTPRoute"}:  # of which we know the names alone
            tried += 1
            wrong = broken(item, path, path[-1], {"no": {"such": ["thing"]}})
            assert schemas.faults(wrong, "1.37"), (item["kind"], path)
    assert tried > 200


def test_every_missing_field_that_must_be_there_is_noticed():
    for title, where in {
        "Deployment/web": ("spec.selector", "spec.template", f"{BOX}.name"),
        "Service/web": ("spec.ports.0.port",),
        "StatefulSet/postgres": ("spec.selector", f"{POD}.containers"),
        "CronJob/backup": ("spec.schedule", "spec.jobTemplate"),
    }.items():
        for path in where:
            objects = copy.deepcopy(manifests(rendered("defaults")))
            change(objects, title, path, GONE)
            assert schemas.faults(one(objects, *title.split("/")), "1.37"), (title, path)
