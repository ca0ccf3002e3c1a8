"""One stack of the program, through Pulumi's Automation API, with no account."""

import os
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import click
import yaml
from pulumi import automation
from pulumi.automation.errors import (
    CommandError,
    ConcurrentUpdateError,
    InvalidVersionError,
    StackNotFoundError,
)

from infra.commands import causes, locks, tools
from infra.commands.engine import Engine, engine_of
from infra.commands.locks import BACKEND
from infra.commands.program import FOLDER, PROJECT, program

HOME = "file://~"  # what `pulumi login --local` means, so that `pulumi up` finds the same stack


class NoStack(click.ClickException):
    """There is no stack of this name."""


def open_stack(name: str, environ: dict[str, str], *, make: bool) -> automation.Stack:
    """Return the stack of this name; make it if it is not there, or say so."""
    tools.need("pulumi")
    opening = automation.create_or_select_stack if make else automation.select_stack
    with plain_failures(name):
        options = automation.LocalWorkspaceOptions(
            work_dir=str(FOLDER),
            env_vars={
                BACKEND: os.environ.get(BACKEND, HOME),
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                **environ,
            },
            pulumi_command=Engine(),
        )
        return opening(name, project_name=PROJECT, program=program, opts=options)


def settings(name: str) -> dict[str, Any]:
    """Return what is configured in a stack's settings file, without the secrets."""
    config = _file(name).get("config") or {}
    return {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}


def setting(name: str, key: str) -> str:
    """Return what is configured in a stack, or what is so by default."""
    declared = yaml.safe_load((FOLDER / "Pulumi.yaml").read_text())["config"]
    return str(settings(name).get(key, declared[key]["default"]))


def has_passphrase(name: str) -> bool:
    """Whether a passphrase encrypts the stack's secrets, and not some service."""
    of_a_service = os.environ.get(BACKEND, HOME).startswith("https://")
    return not of_a_service and _file(name).get("secretsprovider") in {None, "passphrase"}


def _file(name: str) -> dict[str, Any]:
    file = FOLDER / f"Pulumi.{name}.yaml"
    return (yaml.safe_load(file.read_text()) or {}) if file.exists() else {}


def is_set(value: object) -> bool:
    """Whether a flag of a settings file is set: the command line writes it as a string."""
    return str(value).lower() == "true"


def configure(stack: automation.Stack, **values: str) -> None:
    """Set what is no secret: the values are on a command line for a moment."""
    with plain_failures(stack.name):
        for key, value in values.items():
            stack.set_config(key, automation.ConfigValue(value))


def tell(stack: automation.Stack, *words: str) -> str:
    """Return what pulumi answers to a command for this stack; raise CommandError."""
    workspace = stack.workspace
    done = engine_of(stack).run(
        [*words, "--stack", stack.name], workspace.work_dir, workspace.env_vars
    )
    return done.stdout


@contextmanager
def plain_failures(name: str, cause: Callable[[str], str] = causes.sentence) -> Generator[None]:
    """Turn what Pulumi's command line may say into a sentence; `cause` makes it of its output."""
    try:
        yield
    except StackNotFoundError:
        raise NoStack(f"There is no stack {name}.") from None
    except ConcurrentUpdateError as failure:
        raise click.ClickException(locks.sentence(name, str(failure))) from None
    except InvalidVersionError as failure:
        raise click.ClickException(str(failure)) from None
    except subprocess.CalledProcessError as failure:
        raise click.ClickException(f"`pulumi version` failed with {failure.returncode}.") from None
    except CommandError as failure:
        raise click.ClickException(cause(str(failure))) from None
