"""A stack belongs to a cluster, and `up` and `down` touch no other."""

import pytest

from infra.namespace import KEPT_TYPE
from tests.infra.engine import run
from tests.infra.scenarios import IMAGE
from tests.infra.workplace import Workplace, namespace

REFUSED = (
    "Error: Context second leads to another cluster than the one that stack board is in, so "
    "nothing is done. Another cluster wants a stack of its own: --stack NAME.\n"
)
CHANGES = (" up ", " destroy ", " unprotect ", "config set")


def nothing_was_changed(here: Workplace) -> bool:
    return not [line for line in here.said_to("pulumi") if any(word in line for word in CHANGES)]


def be_older(here: Workplace, uid: str) -> None:
    """Have a stack of before clusters were noted, whose namespace has this uid."""
    found = [
        {"type": "pulumi:providers:kubernetes"},
        namespace("htmx-fastapi-logs", "board:infra:Logs", "uid-of-logs"),
        namespace("htmx-fastapi", KEPT_TYPE, uid),
    ]
    here.remember(stacks={"board": {}}, state={"resources": found})
    here.know_settings("board", context="first")
    there = "/first/api/v1/namespaces/htmx-fastapi"
    here.api.answers[there] = {"metadata": {"uid": "uid-of-the-board"}}


def test_the_first_up_notes_the_cluster(here: Workplace):
    assert here.do("up", "--image", IMAGE).exit_code == 0
    assert here.memory["stacks"]["board"]["cluster"] == "uid-of-first"


@pytest.mark.parametrize("command", [["up", "--image", IMAGE, "--context", "second"], ["down"]])
def test_another_cluster_is_refused_before_anything(here: Workplace, command: list[str]):
    here.remember(stacks={"board": {}})
    here.know_settings("board", context="second", cluster="uid-of-first")
    assert here.do(*command).output == REFUSED
    assert nothing_was_changed(here)


def test_a_renamed_context_is_no_other_cluster(here: Workplace):
    here.remember(stacks={"board": {}})
    here.know_settings("board", context="first", cluster="uid-of-first")
    here.know_contexts(renamed="first")
    assert here.do("up", "--image", IMAGE, "--context", "renamed").exit_code == 0
    assert here.memory["stacks"]["board"]["context"] == "renamed"


def test_an_older_stack_takes_the_cluster_that_its_namespace_is_in(here: Workplace):
    be_older(here, "uid-of-the-board")
    assert here.do("up", "--image", IMAGE).exit_code == 0
    assert here.memory["stacks"]["board"]["cluster"] == "uid-of-first"


@pytest.mark.parametrize(
    ("uid", "context"), [("uid-of-the-board", "second"), ("uid-of-another", "first")]
)
def test_an_older_stack_takes_no_cluster_that_its_namespace_is_not_in(
    here: Workplace, uid: str, context: str
):
    be_older(here, uid)
    done = here.do("up", "--image", IMAGE, "--context", context)
    assert done.output == REFUSED.replace("second", context)
    assert nothing_was_changed(here)


def test_a_cluster_that_can_not_be_asked_is_said_before_anything(here: Workplace):
    here.api.answers["/first/api/v1/namespaces/kube-system"] = 403
    done = here.do("up", "--image", IMAGE)
    assert done.output == ("Error: The cluster of context first does not let you in: Forbidden.\n")
    here.api.address = "http://127.0.0.1:1"
    here.know_contexts(first="first")
    assert here.do("up", "--image", IMAGE).output == (
        "Error: The cluster does not answer; is it running?\n"
    )
    assert nothing_was_changed(here)


def test_plain_pulumi_refuses_another_cluster_too(here: Workplace):
    given = {"image": IMAGE, "context": "second"}
    found = run({**given, "cluster": "uid-of-first"})
    assert "Context second leads to another cluster" in found.error
    assert not [each for each in found.resources if "kubernetes" in each]
    assert not run({**given, "cluster": "uid-of-second"}).error
