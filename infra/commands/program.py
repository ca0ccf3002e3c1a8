"""The program as Pulumi itself runs it."""

import runpy
from collections.abc import Callable
from pathlib import Path

import pulumi
from pulumi.runtime import register_stack_transformation

FOLDER = Path(__file__).parent.parent
PROJECT = "htmx-fastapi"  # as in Pulumi.yaml


def program() -> None:
    """Run `infra/`, as `pulumi up` does in that folder."""
    runpy.run_path(str(FOLDER), run_name="__main__")


def counted(tell: Callable[[int], object]) -> Callable[[], None]:
    """Return the program, which tells how many objects it wants when it has been run."""

    def count() -> None:
        wanted: list[pulumi.Resource] = []
        register_stack_transformation(lambda asked: wanted.append(asked.resource))
        program()
        objects = [each for each in wanted if isinstance(each, pulumi.CustomResource)]
        tell(len([each for each in objects if not isinstance(each, pulumi.ProviderResource)]))

    return count
