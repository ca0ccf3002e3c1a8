"""`pdm run up` and `pdm run down`: what they do, what they ask, and what they refuse."""

import pytest

from tests.infra.scenarios import IMAGE, rendered
from tests.infra.workplace import Workplace


def test_up_deploys_the_same_program_to_the_current_cluster(here: Workplace):
    here.be_real()
    done = here.do("up", "--image", IMAGE)
    assert done.exit_code == 0, done.output
    assert here.memory["resources"] == sorted(rendered("defaults").resources)
    noted = {"context": "first", "cluster": "uid-of-first"}
    assert here.memory["stacks"] == {"board": {**noted, "image": IMAGE}}
    assert done.output.endswith(
        "The board is at http://10.99.0.1:30080\n"
        "Add a user with: kubectl --context first -n htmx-fastapi exec -it deploy/web -- "
        "/app/htmx-fastapi-service user add NAME\n"
    )


def test_no_account_is_needed_and_the_state_is_where_pulumi_up_finds_it(here: Workplace):
    here.do("up", "--image", IMAGE)
    backends = {call["environ"].get("PULUMI_BACKEND_URL") for call in here.calls[1:]}
    assert backends == {"file://~"}
    here.monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://boards")
    here.do("up", "--image", IMAGE)
    assert here.calls[-1]["environ"]["PULUMI_BACKEND_URL"] == "s3://boards"


def test_a_preview_changes_nothing(here: Workplace):
    here.be_real()
    done = here.do("up", "--image", IMAGE, "--preview")
    assert done.exit_code == 0, done.output
    assert not [line for line in here.said_to("pulumi") if line.startswith("--non-interactive up")]
    assert [line for line in here.said_to("pulumi") if " preview " in line]


def test_the_next_up_goes_to_the_same_cluster_whatever_is_current(here: Workplace):
    here.know_settings("board", image=IMAGE, context="second")
    assert here.do("up").exit_code == 0
    assert here.memory["stacks"]["board"]["context"] == "second"


def test_what_the_program_refuses_is_said_in_its_sentence(here: Workplace):
    here.be_real()
    done = here.do("up", "--image", "board:latest")
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == (
        "Error: image has no exact tag, so nobody knows what runs; name one, or set dev."
    )
    assert here.do("up", "--image", "board:latest", "--dev", "--preview").exit_code == 0


@pytest.mark.parametrize("command", ["up --image board:1", "down", "up --kind"])
def test_without_pulumi_it_says_where_to_get_it(here: Workplace, command: str):
    here.remove("pulumi")
    assert_refused(
        here, command, "There is no pulumi here: see https://www.pulumi.com/docs/install/."
    )


@pytest.mark.parametrize("name", ["kind", "docker", "kubectl"])
def test_up_kind_says_what_is_missing(here: Workplace, name: str):
    here.remove(name)
    assert_refused(here, "up --kind", f"There is no {name} here: see https://")


def assert_refused(here: Workplace, command: str, sentence: str) -> None:
    done = here.do(*command.split())
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {sentence}")
    assert done.output.count("\n") == 1
    changing = ("up", "destroy", "create", "build", "init")
    words = {word for call in here.calls for word in call["args"]}
    assert not words & set(changing)


def test_without_a_passphrase_nothing_is_done(here: Workplace):
    here.monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    for command in ("up --image board:1", "down"):
        assert_refused(here, command, "PULUMI_CONFIG_PASSPHRASE is not set: choose the passphrase")


def test_an_empty_passphrase_is_for_trying_things_only(here: Workplace):
    here.monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    assert_refused(here, "up --image board:1", "PULUMI_CONFIG_PASSPHRASE is empty, so anybody")
    assert here.do("up", "--image", "board:1", "--dev").exit_code == 0


def test_a_passphrase_may_lie_in_a_file_that_can_be_read(here: Workplace):
    here.monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    file = here.folder / "passphrase"
    here.monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(file))
    assert_refused(here, "up --image board:1", "PULUMI_CONFIG_PASSPHRASE_FILE: No such file")
    file.write_text("\n")
    assert_refused(here, "up --image board:1", "PULUMI_CONFIG_PASSPHRASE is empty")
    file.write_text("correct horse\n")
    assert here.do("up", "--image", "board:1").exit_code == 0


def test_without_a_cluster_nothing_is_done(here: Workplace):
    assert_refused(
        here,
        "up --image board:1 --context third",
        "The kubeconfig has no context third, but first, second.",
    )
    (here.folder / "kubeconfig").write_text("[")
    assert_refused(here, "up --image board:1", f"{here.folder}/kubeconfig can't be read")
    (here.folder / "kubeconfig").unlink()
    assert_refused(here, "up --image board:1", "No Kubernetes cluster is configured here")


def test_without_an_image_nothing_is_done(here: Workplace):
    assert_refused(here, "up", "No image is set: name one with --image IMAGE:TAG.")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "error: configured Kubernetes cluster is unreachable: unable to load schema",
            "The cluster does not answer; is it running?",
        ),
        ("error: incorrect passphrase", "The passphrase is not the one that this stack was made"),
        ("the stack is currently locked by 1 lock(s)", "Something is changing stack board already"),
        ("error: no disk", "no disk"),
        ("", "Pulumi failed; see above."),
    ],
)
def test_what_pulumi_says_becomes_a_sentence(here: Workplace, said: str, sentence: str):
    here.fail("pulumi-up", said)
    done = here.do("up", "--image", "board:1")
    assert done.exit_code == 1
    assert done.output.splitlines()[-1].startswith(f"Error: {sentence}")


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
    metadata = {"name": "board", "uid": "1"}
    namespace = {"type": "kubernetes:core/v1:Namespace", "outputs": {"metadata": metadata}}
    here.remember(stacks={"board": {}}, state={"resources": [namespace]})
    here.know_settings("board", cluster="uid-of-first")
    here.api.answers["/first/api/v1/persistentvolumes"] = {
        "items": [
            volume("pv1", "Retain", "board", local={"path": "/srv/1"}),
            volume("pv2", "Delete", "board"),
            volume("pv3", "Retain", "other"),
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
        "  pv4 of postgres, at disk-4\n"
        "To delete them: `kubectl --context first delete pv pv1 pv4`, and then what they are in "
        "your storage.\n"
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


@pytest.mark.parametrize("option", ["--image board:1", "--context first", "--preview"])
def test_what_kind_decides_by_itself_is_not_ignored(here: Workplace, option: str):
    done = here.do("up", "--kind", *option.split())
    assert done.exit_code == 2
    assert "--kind makes image and cluster by itself" in done.output
    assert here.calls == []


def test_no_passphrase_is_asked_for_where_none_is_used(here: Workplace):
    here.monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    here.monkeypatch.setenv("PULUMI_BACKEND_URL", "https://pulumi.example.org")
    assert here.do("up", "--image", "board:1").exit_code == 0
    here.monkeypatch.delenv("PULUMI_BACKEND_URL")
    assert here.do("up", "--image", "board:1").exit_code == 1
    settings = here.folder / "infra" / "Pulumi.board.yaml"
    settings.write_text("secretsprovider: awskms://alias/board\n")
    assert here.do("up", "--image", "board:1").exit_code == 0
