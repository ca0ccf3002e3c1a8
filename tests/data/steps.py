"""Steps of the schema, taken away and brought back: a board of an older release."""

from pathlib import Path

from service.data import migrations


def names() -> list[str]:
    return sorted(step.stem for step in migrations.STEPS.glob("[0-9]*.py"))


def hide_from(steps: Path, first: str) -> list[Path]:
    """Put a step and those after it away; return where they are."""
    hidden = sorted(step for step in steps.glob("[0-9]*.py") if step.stem >= first)
    return [step.rename(step.with_suffix(".later")) for step in hidden]


def bring_back(hidden: list[Path]) -> list[str]:
    return [step.rename(step.with_suffix(".py")).stem for step in hidden]
