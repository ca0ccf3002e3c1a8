"""Volumes that stay when their claims go, with everything in them."""

from typing import Any

from infra.commands.cluster import Cluster, Object

VOLUMES = "api/v1/persistentvolumes"
PLACES = ("path", "volumeHandle")  # of a folder, and of what a storage driver made


def find(context: str, namespaces: set[str]) -> list[Object]:
    """Return the volumes of these namespaces that outlive them; raise NoAnswer."""
    return [
        volume
        for volume in Cluster(context).objects(VOLUMES)
        if volume["spec"].get("persistentVolumeReclaimPolicy") == "Retain"
        and volume["spec"].get("claimRef", {}).get("namespace") in namespaces
    ]


def sentence(volumes: list[Object], context: str) -> str:
    """Return what is left, and how to delete it."""
    if not volumes:
        return "Nothing of it is left."
    names = " ".join(volume["metadata"]["name"] for volume in volumes)
    lines = "".join(
        f"  {volume['metadata']['name']} of {volume['spec']['claimRef']['name']}"
        f"{_place(volume['spec'])}\n"
        for volume in volumes
    )
    return (
        "Nothing of it is left but these volumes, with all that is in them, for their reclaim "
        f"policy is Retain:\n{lines}"
        f"To delete them: `kubectl --context {context} delete pv {names}`, and then what they "
        "are in your storage."
    )


def _place(spec: dict[str, Any]) -> str:
    sources = [source for source in spec.values() if isinstance(source, dict)]
    places = [source[key] for source in sources for key in PLACES if key in source]
    return f", at {places[0]}" if places else ""
