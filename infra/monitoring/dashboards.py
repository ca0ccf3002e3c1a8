"""The dashboard, as Grafana 11.6 and later take it.

Grafana's own library, made from its schema, builds it: it says what a panel may have, and puts
each in its place.
"""

import itertools

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from infra.monitoring.panels import ROWS, Panel
from infra.monitoring.queries import of

DATA = model.DataSourceRef("prometheus", "${datasource}")
WHERE = 'job="$job",namespace=~"$namespace",instance=~"$instance"'
ALL = model.VariableOption(selected=True, text=["All"], value=["$__all"])
HEIGHT = {"lines": 8, "number": 4}


def dashboard() -> str:
    """Return the dashboard as JSON, which is the same each time."""
    made = build.Dashboard("Board").uid("htmx-fastapi-board").tags(["board"])
    made.description("The message board: is it well, is it quick, and what do people do with it.")
    made.time("now-6h", "now").refresh("30s").timezone("browser").readonly()
    made.tooltip(model.DashboardCursorSync.CROSSHAIR)
    for variable in _variables():
        made.with_variable(variable)
    numbers = itertools.count(1)
    for title, panels in ROWS.items():
        made.with_row(build.Row(title).id(next(numbers)))
        for each in panels:
            made.with_panel(_panel(each).id(next(numbers)))
    return JSONEncoder(sort_keys=True, indent=2).encode(made.build()) + "\n"


def _variables() -> list[build.DatasourceVariable | build.QueryVariable]:
    """Return what one chooses above it. Outside Kubernetes nothing has a namespace."""
    source = build.DatasourceVariable("datasource").label("Prometheus").type("prometheus")
    job = _variable("job", "Job", "board_build_info")
    space = _variable("namespace", "Namespace", 'board_build_info{job="$job"}')
    instance = _variable(
        "instance", "Pod or server", 'board_build_info{job="$job",namespace=~"$namespace"}'
    )
    for each in (space, instance):
        each.multi(True).include_all(True).all_value(".*").current(ALL)
    return [source, job, space, instance]


def _variable(name: str, label: str, series: str) -> build.QueryVariable:
    query = build.QueryVariable(name).label(label).query(f"label_values({series}, {name})")
    return query.datasource(DATA).refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)


def _panel(panel: Panel) -> timeseries.Panel | stat.Panel:
    made = _lines() if panel.kind == "lines" else _number(panel)
    made.title(panel.title).description(panel.description).unit(panel.unit)
    made.datasource(DATA).span(panel.width).height(HEIGHT[panel.kind]).no_value("–")
    for letter, (name, query) in zip("ABCDE", panel.queries.items(), strict=False):
        asked = prometheus.Dataquery().ref_id(letter).expr(of(WHERE, query)).legend_format(name)
        made.with_target(asked.instant() if panel.kind == "number" else asked.range())
    return made


def _lines() -> timeseries.Panel:
    legend = options.VizLegendOptions().show_legend(True)
    legend.display_mode(common.LegendDisplayMode.LIST).placement(common.LegendPlacement.BOTTOM)
    tooltip = options.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
    return timeseries.Panel().min(0).fill_opacity(10).legend(legend).tooltip(tooltip)


def _number(panel: Panel) -> stat.Panel:
    """Return a panel of one number, in no colour: alerts say what is wrong."""
    made = stat.Panel().color_mode(common.BigValueColorMode.NONE)
    made.graph_mode(common.BigValueGraphMode.NONE)
    made.reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]))
    if panel.names:
        names = {
            str(value): model.ValueMappingResult(text=text) for value, text in panel.names.items()
        }
        made.mappings([model.ValueMap(options=names)])
    return made
