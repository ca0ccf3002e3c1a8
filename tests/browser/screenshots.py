"""Pictures of pages, kept in var/screenshots/, which git ignores."""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.servers import PROJECT

SCREENSHOTS = PROJECT / "var" / "screenshots"


def keep_screenshots(context: BrowserContext, name: str) -> None:
    for number, page in enumerate(context.pages):
        keep_screenshot(page, f"{name}-{number}")


def keep_screenshot(page: Page, name: str) -> Path:
    """Take a picture, and return its file."""
    file = SCREENSHOTS / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.png"
    page.screenshot(path=file)
    return file
