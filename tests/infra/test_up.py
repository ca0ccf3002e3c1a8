"""`pdm run up`: what it deploys and what it refuses, and `down` with it."""

import pytest

from tests.infra.scenarios import IMAGE, PROVIDERS, rendered
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
        "A new board asks for the code that this prints: kubectl --context first "
        "-n htmx-fastapi exec deploy/web -- /app/htmx-fastapi-service setup-code\n"
    )


def test_up_tells_of_no_code_where_nothing_takes_one(here: Workplace):
    here.be_real()
    given = {"passwordSignIn": "false", "host": "board.example.org", "providers": PROVIDERS}
    here.remember(stacks={"board": given})
    done = here.do("up", "--image", IMAGE)
    assert done.exit_code == 0, done.output
    assert "code" not in done.output


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


def test_up_says_what_the_program_refuses_in_its_sentence(here: Workplace):
    here.be_real()
    done = here.do("up", "--image", "board:latest")
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == (
        "Error: image has no exact tag, so nobody knows what runs; name one, or set dev."
    )
    assert here.do("up", "--image", "board:latest", "--dev", "--preview").exit_code == 0


@pytest.mark.parametrize("command", ["up --image board:1", "down", "up --kind"])
def test_without_pulumi_every_command_says_where_to_get_it(here: Workplace, command: str):
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


@pytest.mark.parametrize("option", ["--image board:1", "--context first", "--preview"])
def test_up_kind_refuses_options_for_what_it_decides_by_itself(here: Workplace, option: str):
    done = here.do("up", "--kind", *option.split())
    assert done.exit_code == 2
    assert "--kind makes image and cluster by itself" in done.output
    assert here.calls == []


def test_no_passphrase_is_asked_for_where_a_service_encrypts(here: Workplace):
    here.monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    here.monkeypatch.setenv("PULUMI_BACKEND_URL", "https://pulumi.example.org")
    assert here.do("up", "--image", "board:1").exit_code == 0
    here.monkeypatch.delenv("PULUMI_BACKEND_URL")
    assert here.do("up", "--image", "board:1").exit_code == 1
    settings = here.folder / "infra" / "Pulumi.board.yaml"
    settings.write_text("secretsprovider: awskms://alias/board\n")
    assert here.do("up", "--image", "board:1").exit_code == 0
