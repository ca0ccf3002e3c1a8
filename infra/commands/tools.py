"""Programs of other people: found or missed in a sentence, run, and heard."""

import os
import shutil
import subprocess

import click

HOW_TO_INSTALL = {
    "pulumi": "https://www.pulumi.com/docs/install/",
    "kubectl": "https://kubernetes.io/docs/tasks/tools/",
    "kind": "https://kind.sigs.k8s.io/docs/user/quick-start/",
    "docker": "https://docs.docker.com/get-started/get-docker/",
}


def need(*names: str) -> None:
    """Refuse to go on without these programs."""
    for name in names:
        if shutil.which(name) is None:
            raise click.ClickException(f"There is no {name} here: see {HOW_TO_INSTALL[name]}.")


def run(*command: str, given: str | None = None, **environ: str) -> None:
    """Run a command whose output people see; what is given is read from its standard input."""
    try:
        subprocess.run(command, input=given, text=True, check=True, env={**os.environ, **environ})
    except subprocess.CalledProcessError as failure:
        raise click.ClickException(
            f"`{' '.join(command[:3])}` failed with {failure.returncode}; see above."
        ) from None


def ask(*command: str) -> str:
    """Return what a command says."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().rpartition("\n")[2] or f"it failed with {done.returncode}"
        raise click.ClickException(f"`{' '.join(command[:3])}`: {reason}")
    return done.stdout.strip()
