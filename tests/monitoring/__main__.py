"""Draws the dashboard for the README: `python -m tests.monitoring`, which takes a minute.

A board is used a little, a Prometheus asks it, and the picture has what it returns for the
dashboard's own queries.
"""

import json
import math
import re
import tempfile
from pathlib import Path
from typing import Any

from infra.monitoring.dashboards import dashboard
from tests.monitoring.load import Watched, watched
from tests.monitoring.plot import Series, plot
from tests.monitoring.prometheus import asked
from tests.servers import PROJECT

FILE = PROJECT / "static" / "src" / "dashboard.svg"
USED = 50  # seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, watched(Path(folder)) as board:
        board.use(USED)
        panels = [(panel, _series(board, panel)) for panel in json.loads(dashboard())["panels"]]
        FILE.write_text(plot(panels, (board.started, board.ended)))


def _series(board: Watched, panel: dict[str, Any]) -> Series:
    """Return what all of a panel's queries have, by the names in its legend."""
    found: Series = []
    for target in panel.get("targets", ()):
        for each in board.prometheus.over(asked(target["expr"]), board.started, board.ended):
            name = _named(target["legendFormat"], each["metric"])
            points = [(moment, float(value)) for moment, value in each["values"]]
            found.append((name, [point for point in points if math.isfinite(point[1])]))
    return found


def _named(legend: str, labels: dict[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), legend).strip()


if __name__ == "__main__":
    main()
