"""What a setting would move away from where it is: refused, for messages don't move by themselves.

What there is was told by the last `up`, in the stack's output `kept`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from infra.settings import Settings

OUTPUT = "kept"
UNITS = {unit: 1024**power for power, unit in enumerate("KMGT", start=1)}
HOW = (
    "deploy a second board with the new value (--stack NAME, with a nodePort of its own), restore "
    "a backup of this one there, and take this one down."
)


def kept(
    settings: Settings, storage_class: pulumi.Output[str], *, measured: bool
) -> dict[str, object]:
    """Return what the next `up` has to know of this one; `measured` if it has measurements."""
    return {
        "namespace": settings.namespace,
        "database": settings.database,
        "storageClass": storage_class,
        "databaseStorage": settings.database_storage,
        "backupStorage": settings.backup_storage,
        "databasePasswordNumber": settings.database_password_number,
        **(_measurements(settings) if measured else {}),
    }


def _measurements(settings: Settings) -> dict[str, object]:
    return {"monitoringStorage": settings.monitoring_storage, "protect": settings.protect}


def measured(there: Mapping[str, Any], settings: Settings) -> bool:
    """Whether there are measurements: they stay, and their namespace, when monitoring is off.

    Where `protect` was false already at the last `up`, they go.
    """
    stays = "monitoringStorage" in there and (there["protect"] or settings.protect)
    return stays or settings.monitoring == "own"


def there() -> dict[str, Any]:
    """Return what the last `up` of this stack kept; empty if there was none."""
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    found = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": name})
    outputs = (found.value or {}).get("outputs") or {}
    # The releases before 0.3.2 told nothing but the namespace.
    before = {"namespace": outputs["namespace"]} if outputs.get("namespace") else {}
    return before | dict(outputs.get(OUTPUT) or {})


def refuse(there: Mapping[str, Any], settings: Settings) -> list[str]:
    """Return a sentence for each setting that would leave messages or backups behind."""
    return [*_places(there, settings), *_class(there, settings), *_sizes(there, settings)]


def _places(there: Mapping[str, Any], settings: Settings) -> list[str]:
    wanted = {"namespace": settings.namespace, "database": settings.database}
    return [
        f"{key} can't be changed from {there[key]} to {value}: "
        f"the messages would stay behind. To move them, {HOW}"
        for key, value in wanted.items()
        if there.get(key, value) != value
    ]


def _class(there: Mapping[str, Any], settings: Settings) -> list[str]:
    old, new = there.get("storageClass"), settings.storage_class
    if not (old and new) or old == new:  # with none named, volumes stay what they are
        return []
    return [
        f"storageClass can't be changed from {old} to {new}: a volume keeps its class. "
        f"To move what is in it, {HOW}"
    ]


def _sizes(there: Mapping[str, Any], settings: Settings) -> list[str]:
    storage = {
        "databaseStorage": settings.database_storage,
        "backupStorage": settings.backup_storage,
    }
    smaller = [
        f"{key} can't be lowered from {there[key]} to {value}: a volume only grows. "
        f"To have a smaller one, {HOW}"
        for key, value in storage.items()
        if size(value) < size(there.get(key, value))
    ]
    measured, wanted = there.get("monitoringStorage"), settings.monitoring_storage
    if measured and size(wanted) < size(measured):
        smaller.append(
            f"monitoringStorage can't be lowered from {measured} to {wanted}: a volume only "
            "grows. With fewer monitoringDays there is less in it."
        )
    number = settings.database_password_number
    last = int(there.get("databasePasswordNumber", number))
    if number < last:
        smaller.append(
            f"databasePasswordNumber can't be lowered from {last} to {number}: the passwords "
            "before are refused by now. Raise it to have a new one."
        )
    return smaller


def size(text: str) -> int:
    """Return the bytes of a size such as 10Gi."""
    return int(text[:-2]) * UNITS[text[-2]]
