"""`pdm run down`: what it deletes, what it asks, and what it leaves."""

from infra.namespace import KEPT_TYPE
from tests.infra.workplace import Workplace, namespace


def test_down_asks_before_it_touches_a_volume(here: Workplace):
    here.remember(stacks={"board": {}})
    done = here.do("down", typed="n\n")
    assert done.exit_code == 0, done.output
    assert (
        "Delete the volumes too, with all messages and all backups, for ever? [y/N]" in done.output
    )
    (destroyed,) = [line for line in here.said_to("pulumi") if " destroy " in line]
    assert "--exclude-protected" in destroyed
    assert not [line for line in here.said_to("pulumi") if "unprotect" in line or " rm " in line]
    assert here.memory["stacks"] == {"board": {}}


def test_down_deletes_the_volumes_when_told_so(here: Workplace):
    here.remember(stacks={"board": {}})
    done = here.do("down", typed="y\n")
    assert done.output.endswith("Nothing of it is left.\n")
    lines = here.said_to("pulumi")
    unprotected = next(n for n, line in enumerate(lines) if "state unprotect" in line)
    destroyed = next(n for n, line in enumerate(lines) if " destroy " in line)
    assert unprotected < destroyed
    assert "--all" in lines[unprotected]
    assert "--exclude-protected" not in lines[destroyed]
    assert here.memory["stacks"] == {}


def volume(name: str, policy: str, namespace: str, **source: dict[str, str]) -> dict[str, object]:
    claim = {"namespace": namespace, "name": "postgres"}
    spec = {"persistentVolumeReclaimPolicy": policy, "claimRef": claim, **source}
    return {"metadata": {"name": name}, "spec": spec}


def test_down_names_the_volumes_that_are_retained(here: Workplace):
    found = [namespace("board-logs", "board:infra:Logs"), namespace("board", KEPT_TYPE)]
    here.remember(stacks={"board": {}}, state={"resources": found})
    here.know_settings("board", cluster="uid-of-first")
    here.api.answers["/first/api/v1/persistentvolumes"] = {
        "items": [
            volume("pv1", "Retain", "board", local={"path": "/srv/1"}),
            volume("pv2", "Delete", "board"),
            volume("pv3", "Retain", "other"),
            volume("pv6", "Retain", "board-logs", local={"path": "/srv/6"}),
            volume("pv4", "Retain", "board", csi={"driver": "disks", "volumeHandle": "disk-4"}),
            {"metadata": {"name": "pv5"}, "spec": {"persistentVolumeReclaimPolicy": "Retain"}},
        ]
    }
    done = here.do("down", "--volumes")
    assert done.exit_code == 0, done.output
    assert done.output.endswith(
        "Nothing of it is left but these volumes, with all that is in them, for their reclaim "
        "policy is Retain:\n"
        "  pv1 of postgres, at /srv/1\n"
        "  pv6 of postgres, at /srv/6\n"
        "  pv4 of postgres, at disk-4\n"
        "To delete them: `kubectl --context first delete pv pv1 pv6 pv4`, and then what they are "
        "in your storage.\n"
    )


def test_down_keeps_the_volumes_when_nobody_can_answer(here: Workplace):
    here.remember(stacks={"board": {}})
    assert here.do("down").exit_code == 1
    assert not [line for line in here.said_to("pulumi") if " destroy " in line]
    assert here.do("down", "--keep-volumes").exit_code == 0


def test_volumes_that_are_not_protected_are_not_said_to_be_kept(here: Workplace):
    here.remember(stacks={"board": {}})
    here.know_settings("board", protect="false")
    done = here.do("down", "--keep-volumes")
    assert "In this stack protect is false" in done.output
    assert not [line for line in here.said_to("pulumi") if " destroy " in line]


def test_a_stack_that_is_not_there_is_not_made_to_be_taken_down(here: Workplace):
    done = here.do("down", "--stack", "other")
    assert done.output == "Error: There is no stack other.\n"
    assert not [line for line in here.said_to("pulumi") if " init " in line]
