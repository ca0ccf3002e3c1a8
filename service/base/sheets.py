"""Tables for spreadsheets, as CSV: no cell of one is a formula."""

import csv
import io
from collections.abc import Iterable

from service.base import characters

BYTE_ORDER_MARK = "\ufeff"  # begins the table: without it Excel takes UTF-8 for something else
# A spreadsheet would run a cell that begins so as a formula; in East Asia the wide ones too.
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def row(cells: Iterable[object]) -> str:
    """Return a row of the table, line end included."""
    line = io.StringIO()
    csv.writer(line).writerow(_harmless(str(cell)) for cell in cells)
    return line.getvalue()


def _harmless(cell: str) -> str:
    return characters.escaped(f"'{cell}" if cell.startswith(FORMULA) else cell)
