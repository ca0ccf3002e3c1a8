"""The program as Pulumi itself runs it."""

import runpy
from pathlib import Path

FOLDER = Path(__file__).parent.parent
PROJECT = "htmx-fastapi"  # as in Pulumi.yaml


def program() -> None:
    """Run `infra/`, as `pulumi up` does in that folder."""
    runpy.run_path(str(FOLDER), run_name="__main__")
