"""PDM's build hook: ships the top-level `templates/` and `static/` inside the package."""

from pathlib import Path

from pdm.backend.hooks import Context

ASSETS = ("templates", "static")
NOT_SHIPPED = ("static/src/",)


def pdm_build_hook_enabled(context: Context) -> bool:
    """An editable install reads both folders where they are."""
    return context.target != "editable"


def shipped(root: Path) -> list[Path]:
    """Return the templates and static files that people who run the board need."""
    found = (path for folder in ASSETS for path in (root / folder).rglob("*"))
    return sorted(
        path
        for path in found
        if path.is_file() and not path.relative_to(root).as_posix().startswith(NOT_SHIPPED)
    )


def pdm_build_update_files(context: Context, files: dict[str, Path]) -> None:
    """A wheel gets them as `service/_assets`, an sdist where the checkout has them."""
    prefix = "" if context.target == "sdist" else "service/_assets/"
    for path in shipped(context.root):
        files[prefix + path.relative_to(context.root).as_posix()] = path
    if context.target == "wheel":
        files.pop("service/pdm_build.py", None)
