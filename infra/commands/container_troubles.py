"""What keeps a container from starting: its image, its making, or its own program."""

import re
from math import inf

from infra.commands.belongings import Object
from infra.commands.trouble import LONG, SHORT, SOON, Trouble, how_ended, maker_of

TRIES = 2  # starts again, after which a program that ends at once is given up
UNPULLED = {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "RegistryUnavailable"}
UNSTARTED = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
IN_VAIN = re.compile(r"not found|denied|unauthorized|forbidden|no match|manifest unknown", re.I)
PASSING = re.compile(r"toomanyrequests|429|50\d |timeout|deadline|connection reset", re.I)
WRAPPED = re.compile(
    r'Back-off pulling image "[^"]*": |ErrImagePull: |rpc error: code = \w+ desc = '
    r'|failed to pull and unpack image "[^"]*": |failed to resolve reference "[^"]*": '
    r"|failed to create containerd task: |failed to create shim task: |OCI runtime create failed: "
    r"|runc create failed: |unable to start container process: |error during container init: "
    r'|failed to do request: Head "[^"]*": '
)


def of_container(pod: Object, container: Object) -> Trouble | None:
    name = pod["metadata"]["name"]
    waiting = container.get("state", {}).get("waiting", {})
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    if reason == "InvalidImageName":
        return Trouble(
            f"image {container['image']}",
            f"Image {container['image']} of pod {name} has no name that can be pulled.",
            SOON,
        )
    if reason in UNPULLED:
        return _unpulled(name, container["image"], WRAPPED.sub("", message))
    if reason in UNSTARTED:
        return _unstarted(pod, message)
    return _ending(pod, container)


def _unpulled(pod: str, image: str, said: str) -> Trouble:
    patience = SOON if IN_VAIN.search(said) else LONG if PASSING.search(said) else SHORT
    return Trouble(
        f"image {image}",
        f"Image {image} of pod {pod} can't be pulled: {said.rstrip('.')}.",
        patience,
    )


def _unstarted(pod: Object, why: str) -> Trouble:
    sentence = f"Pod {pod['metadata']['name']} can't start: {WRAPPED.sub('', why).rstrip('.')}."
    return Trouble(f"start {maker_of(pod)}", sentence, SHORT)


def _ending(pod: Object, container: Object) -> Trouble | None:
    """Tell of a program that ends, and is started again."""
    ended = container.get("lastState", {}).get("terminated")
    if not ended or container.get("ready") or not container.get("restartCount"):
        return None
    name = pod["metadata"]["name"]
    if ended.get("reason") == "StartError":
        return _unstarted(pod, ended.get("message", ""))
    return Trouble(
        f"ends {maker_of(pod)}",
        f"Pod {name} ends again and again ({how_ended(ended)})",
        2 * SOON if container["restartCount"] >= TRIES else inf,
        pod=name,
        before="running" in container.get("state", {}),
    )
