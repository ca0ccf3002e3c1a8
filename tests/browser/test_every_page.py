"""Axe sees every page that there is."""

import importlib
from pathlib import Path

from tests.browser.seen import NO_PAGES, addresses, pages, said_of

MISSING = "Show it to axe in a test, and say so there: @pytest.mark.shows"


def test_every_page_is_shown_to_axe() -> None:
    names = [file.stem for file in Path(__file__).parent.glob("test_*.py")]
    modules = [importlib.import_module(f"tests.browser.{name}") for name in names]
    said = {page for module in modules for test in vars(module).values() for page in said_of(test)}
    assert pages() - said == set(), MISSING
    assert said - pages() == set(), "no page has such an address"
    assert NO_PAGES.keys() - addresses() == set(), "no route has these any more"
