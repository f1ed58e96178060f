"""The report of a bundle: one page of HTML in plain English that needs nothing else, to be read or printed.

Its numbers are those of ``figures/table.json``, which ``audit/offline_verifier.py`` adds up again from the postings.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from dashboard.charts.bars import BarChart, LabelledBar, draw_bar_chart
from dashboard.charts.tile_map import TileMap, draw_tile_map
from dashboard.rendering import render_template
from dashboard.words import name_symbol
from ledger.instants import make_date
from ledger.vocabulary import FigureSubject
from services.bundle.directory import UNSEALED_FORMAT

DIMENSIONS: Final = {
    "org": "Organisation",
    "region": "Region",
    "pillar": "Pillar",
    "kind": "Kind of threat",
    "crime_type": "Crime type",
    "category": "Category",
    "month": "Month of the event",
    "standing": "Standing",
}
UNITS: Final = {"LEAD": "Lead disruptions", "SUPPORT": "Support disruptions", None: "Active threats"}
CHARTED: Final = frozenset({"pillar", "crime_type", "category", "region", "kind"})
SHOWN_MONTHS: Final = 36


class ReportTable(NamedTuple):
    """One figure as the report shows it.

    Attributes:
        title: what is counted by what.
        heading: of the first column; empty where there is one number alone.
        unit: what is counted.
        rows: in words, and how many.
        chart: drawn beside the table; None where it needs none.
    """

    title: str
    heading: str
    unit: str
    rows: list[tuple[str, int]]
    chart: Markup | None


def draw_report(said: Mapping[str, Any], figures: Sequence[Mapping[str, Any]]) -> str:
    """Draw the page.

    Args:
        said: what the manifest says of the bundle.
        figures: the bundle's own, as ``figures/table.json`` has them.
    """
    singles = [one for one in figures if len(one["by"]) == 1]
    totals = [(UNITS[one["type"]], one["cells"][0]["n"] if one["cells"] else 0) for one in figures if not one["by"]]
    tables = [_make_table(one, number) for number, one in enumerate(singles)]
    return render_template(
        "bundle_report.html", said=said, totals=totals, tables=tables, sealed=said["format"] != UNSEALED_FORMAT
    )


def _make_table(figure: Mapping[str, Any], number: int) -> ReportTable:
    (dimension,), unit = figure["by"], UNITS[figure["type"]]
    counts = {cell["values"][0]: cell["n"] for cell in figure["cells"]}
    rows = [(name_symbol(dimension, value), n) for value, n in counts.items()]
    if dimension == "month":
        rows = [(_name_month(value), n) for value, n in counts.items()]
    elif dimension in {"org", "region"}:  # by name: organisations are not ranked
        rows.sort()
    elif dimension not in {"category", "standing"}:
        rows.sort(key=lambda row: -row[1])
    title = f"{unit} by {DIMENSIONS[dimension].lower()}"
    return ReportTable(title, DIMENSIONS[dimension], unit, rows, _draw_chart(figure, title, rows, counts, number))


def _draw_chart(
    figure: Mapping[str, Any], title: str, rows: Sequence[tuple[str, int]], counts: Mapping[str, int], number: int
) -> Markup | None:
    (dimension,), unit, name = figure["by"], UNITS[figure["type"]], f"chart-{number}"
    if dimension == "org" and figure["subject"] == FigureSubject.DISRUPTIONS and figure["type"] == "LEAD":
        day: date = make_date(figure["last_day"])
        return draw_tile_map(TileMap(name=name, title=title, unit=unit, day=day, values=counts, links={}))
    if dimension in CHARTED or (dimension == "month" and len(rows) <= SHOWN_MONTHS):
        bars = [LabelledBar(label, n) for label, n in rows]
        return draw_bar_chart(BarChart(name=name, title=title, unit=unit, bars=bars)) if bars else None
    return None


def _name_month(value: str) -> str:
    year, month = value.split("-")
    return f"{date(int(year), int(month), 1):%B %Y}"
