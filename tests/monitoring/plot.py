"""A plot of a dashboard, as SVG: each panel in its place, with what Prometheus has for it."""

from typing import Any
from xml.etree import ElementTree as ET

from tests.monitoring.figures import marks, written

COLUMN, LINE, GAP = 46, 22, 8  # pixels of one of 24 columns, of a unit of height, between panels
INSIDE = 10  # pixels from a panel's edge
TOP, LEFT = 32, 64  # pixels from there to the lines
LEGEND = 14  # pixels a line of it is high
LETTER = 6.2  # pixels, and what is before and behind a name:
AROUND = 24
COLOURS = ("#3b82f6", "#d97706", "#16a34a", "#db2777", "#7c3aed", "#0891b2", "#dc2626", "#65a30d")
STYLE = """
svg { --behind: #f4f5f7; --panel: #ffffff; --edge: #d9dce1; --text: #1f2328; --faint: #646b75; }
@media (prefers-color-scheme: dark) {
  svg { --behind: #111217; --panel: #1b1d23; --edge: #30343c; --text: #e6e8eb; --faint: #9aa2ad; }
}
text { font: 11px system-ui, sans-serif; fill: var(--faint); }
.title { font-weight: 600; fill: var(--text); }
.row { font-size: 14px; font-weight: 600; fill: var(--text); }
.number { font-size: 26px; fill: var(--text); }
.behind { fill: var(--behind); }
.panel { fill: var(--panel); stroke: var(--edge); }
.mark { stroke: var(--edge); }
polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
"""

Series = list[tuple[str, list[tuple[float, float]]]]  # names, and values by moment


def plot(panels: list[tuple[dict[str, Any], Series]], span: tuple[float, float]) -> str:
    """Return the picture of panels, as Grafana has them, between two moments."""
    high = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel, _ in panels) * LINE + GAP
    wide = 24 * COLUMN + GAP
    sizes = {"viewBox": f"0 0 {wide} {high}", "width": str(wide), "height": str(high)}
    svg = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", **sizes})
    ET.SubElement(svg, "title").text = "The dashboard of a board under a small load"
    ET.SubElement(svg, "style").text = STYLE
    ET.SubElement(svg, "rect", {"class": "behind", "width": str(wide), "height": str(high)})
    for panel, series in panels:
        _Panel(svg, panel, span).draw(series)
    ET.indent(svg, "")
    return ET.tostring(svg, encoding="unicode") + "\n"


class _Panel:
    """One panel, drawn from its upper left corner."""

    def __init__(self, svg: ET.Element, panel: dict[str, Any], span: tuple[float, float]) -> None:
        place = panel["gridPos"]
        corner = f"translate({place['x'] * COLUMN + GAP} {place['y'] * LINE + GAP})"
        self._in = ET.SubElement(svg, "g", {"transform": corner})
        self._panel = panel
        self._span = span
        self._wide = place["w"] * COLUMN - GAP
        self._high = place["h"] * LINE - GAP

    def draw(self, series: Series) -> None:
        if self._panel["type"] == "row":
            self._write(0, 16, self._panel["title"], "row")
            return
        sizes = {"width": str(self._wide), "height": str(self._high), "rx": "3"}
        ET.SubElement(self._in, "rect", {"class": "panel", **sizes})
        self._write(INSIDE, 18, self._panel["title"], "title")
        if self._panel["type"] == "stat":
            self._number(series)
        else:
            self._lines([each for each in series if each[1]])

    def _number(self, series: Series) -> None:
        if not series:
            self._write(INSIDE, self._high - 16, self._defaults["noValue"], "number")
            return
        value = series[0][1][-1][1]
        mappings = self._defaults.get("mappings") or [{"options": {}}]
        names = mappings[0]["options"]
        text = names[f"{value:g}"]["text"] if f"{value:g}" in names else self._figure(value)
        self._write(INSIDE, self._high - 16, text, "number")

    def _lines(self, series: Series) -> None:
        places = self._flow([name for name, _ in series])
        bottom = self._high - 14 - LEGEND * (places[-1][1] + 1 if places else 0)
        most = max((value for _, points in series for _, value in points), default=0)
        scale = marks(most, self._defaults["unit"])

        def at(moment: float, value: float) -> tuple[float, float]:
            across = (moment - self._span[0]) / (self._span[1] - self._span[0])
            x = LEFT + across * (self._wide - LEFT - INSIDE)
            return x, bottom - value / scale[-1] * (bottom - TOP)

        for mark in scale:
            self._mark(at(self._span[0], mark)[1], self._figure(mark).partition(" a ")[0])
        for number, (name, points) in enumerate(series):
            colour = COLOURS[number % len(COLOURS)]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in points))
            ET.SubElement(self._in, "polyline", {"points": path, "stroke": colour})
            x, line = places[number]
            self._legend(name, colour, x, bottom + 18 + line * LEGEND)

    def _flow(self, names: list[str]) -> list[tuple[float, int]]:
        """Return where each name of the legend begins: pixels from the left, and its line."""
        places, x, line = [], float(INSIDE), 0
        for name in names:
            wide = len(name) * LETTER + AROUND
            if x > INSIDE and x + wide > self._wide:
                x, line = float(INSIDE), line + 1
            places.append((x, line))
            x += wide
        return places

    def _mark(self, y: float, figure: str) -> None:
        ends = {"x1": f"{LEFT}", "x2": f"{self._wide - INSIDE}", "y1": f"{y:.1f}"}
        ET.SubElement(self._in, "line", {"class": "mark", "y2": f"{y:.1f}", **ends})
        self._write(LEFT - 6, y + 4, figure, anchor="end")

    def _legend(self, name: str, colour: str, x: float, y: float) -> None:
        place = {"x": f"{x:.1f}", "y": f"{y - 4:.1f}", "width": "8", "height": "3", "fill": colour}
        ET.SubElement(self._in, "rect", place)
        self._write(x + 12, y, name)

    @property
    def _defaults(self) -> dict[str, Any]:
        return self._panel["fieldConfig"]["defaults"]

    def _figure(self, value: float) -> str:
        return written(value, self._defaults["unit"])

    def _write(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
        ET.SubElement(self._in, "text", place | ({"class": kind} if kind else {})).text = text
