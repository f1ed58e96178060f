"""The forces as equal squares, shaded by a measure, each with its name and its number, and a link to its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element

from markupsafe import Markup

from dashboard.charts.drawing import ChartText, Drawing, estimate_width, write_value
from dashboard.charts.palette import GRID, QUIET_TEXT, STEPS, TEXT
from dashboard.charts.steps import find_steps, list_ranges
from dashboard.charts.tiles import COLUMNS, ROWS, TILES, Tile
from dashboard.words import UNKNOWN
from ledger.instants import count_days
from ledger.organisations import find_region, name_organisations

SIDE: Final = 74
EDGE: Final = 4
TOP: Final = 30
LEGEND_COLUMN: Final = 5
LEGEND_ROW: Final = 26
LABEL_SIZE: Final = 12
NUMBER_SIZE: Final = 18
SHADES: Final = ("no shade", "one shade", "two shades", "three shades", "four shades", "five shades")
"""Of fifths, as many as are drawn: equal values share one, so there may be fewer than five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TileMap:
    """What to draw.

    Attributes:
        name: its name on its page: a word of letters, digits and hyphens.
        title: what is shown, of when: "Lead disruptions by force, 1 July 2021 to 30 June 2022".
        unit: what the numbers are: "Lead disruptions", "Lead disruptions per 100 active threats".
        day: the day whose regions are outlined: the last of the period.
        values: by organisation; None where there is no number; one that has no square, such as a regional unit, is
            left to the table, and a force that is not in it is not drawn.
        links: by organisation, the address of its page.
    """

    name: str
    title: str
    unit: str
    day: date
    values: Mapping[str, float | None]
    links: Mapping[str, str]


def draw_tile_map(chart: TileMap) -> Markup:
    """Draw it: a group, not an image, since there are links in it."""
    values = {code: chart.values[code] for code in TILES if code in chart.values}
    steps = find_steps(values)
    ranges = list_ranges(values, steps)
    description = _describe_map(chart.unit, values, len(ranges))
    described = ChartText(name=chart.name, title=chart.title, description=description)
    drawing = Drawing(described, COLUMNS * SIDE + 2 * EDGE, TOP + ROWS * SIDE + 2 * EDGE, "group")
    hatch = drawing.add_hatch("none", GRID)
    drawing.add_axis_name(chart.unit, EDGE, 18)
    for code, value in values.items():
        fill, ink = (hatch, TEXT) if value is None else STEPS[steps[code]]
        _draw_tile(drawing, chart, code, fill, ink)
    _outline_regions(drawing, {code: find_region(code, count_days(chart.day)) for code in values})
    _draw_steps(drawing, ranges, hatch if None in values.values() else None)
    return drawing.finish_drawing()


def _describe_map(unit: str, values: Mapping[str, float | None], shades: int) -> str:
    known = [value for value in values.values() if value is not None]
    span = f", between {write_value(min(known))} and {write_value(max(known))}" if known else ""
    shaded = f", in {SHADES[shades]} from the lowest fifth to the highest" if known else ""
    return (
        f"{unit} of {len(known)} organisations{span}, each in a square about where it lies on a map{shaded}. "
        "Thick lines are the regions of the organised crime units. "
        "The table has every number."
    )


def _write_number(value: float | None) -> str:
    return UNKNOWN if value is None else write_value(value)


def _place_tile(tile: Tile) -> tuple[float, float]:
    return EDGE + tile.column * SIDE, TOP + EDGE + tile.row * SIDE


def _draw_tile(drawing: Drawing, chart: TileMap, code: str, fill: str, ink: str) -> None:
    tile, number = TILES[code], _write_number(chart.values[code])
    parent = _open_link(drawing, chart, code, f"{tile.label} {number}")
    x, y = _place_tile(tile)
    drawing.add_mark("rect", parent, x=x, y=y, width=SIDE, height=SIDE, fill=fill, stroke=QUIET_TEXT)
    for words, down, size, weight in ((tile.label, 28, LABEL_SIZE, "normal"), (number, 52, NUMBER_SIZE, "bold")):
        fitting = min(size, size * (SIDE - 6) / estimate_width(words, size))
        look = {"text_anchor": "middle", "font_weight": weight, "fill": ink}
        drawing.add_text(words, x + SIDE / 2, y + down, parent, font_size=fitting, **look)


def _open_link(drawing: Drawing, chart: TileMap, code: str, seen: str) -> Element:
    """Open the link around a square; its name begins with what is seen in it."""
    name = name_organisations()[code]
    link = chart.links.get(code)
    if link is None:
        return drawing.add_group(name)
    found = drawing.add_mark("a", href=link, class_="ledger-tile")
    drawing.add_mark("title", found).text = f"{seen}: {name}"
    return found


def _outline_regions(drawing: Drawing, regions: Mapping[str, str]) -> None:
    """Draw a thick line wherever a square's neighbour is of another region, or there is none."""
    by_place = {TILES[code][:2]: region for code, region in regions.items()}
    sides: list[str] = []
    for code, region in regions.items():
        (column, row), (x, y) = TILES[code][:2], _place_tile(TILES[code])
        if by_place.get((column, row - 1)) != region:
            sides.append(f"M{x:.0f} {y:.0f}h{SIDE}")
        if by_place.get((column, row + 1)) != region:
            sides.append(f"M{x:.0f} {y + SIDE:.0f}h{SIDE}")
        if by_place.get((column - 1, row)) != region:
            sides.append(f"M{x:.0f} {y:.0f}v{SIDE}")
        if by_place.get((column + 1, row)) != region:
            sides.append(f"M{x + SIDE:.0f} {y:.0f}v{SIDE}")
    look = {"stroke_linecap": "square", "pointer_events": "none"}
    drawing.add_mark("path", d="".join(sides), fill="none", stroke=TEXT, stroke_width=3, **look)


def _draw_steps(drawing: Drawing, ranges: Mapping[int, tuple[float, float]], hatch: str | None) -> None:
    x, y = EDGE + LEGEND_COLUMN * SIDE + 10.0, TOP + 10.0
    rows = [(STEPS[step][0], _write_range(*ends)) for step, ends in ranges.items()]
    for fill, words in rows + ([(hatch, UNKNOWN)] if hatch else []):
        drawing.add_mark("rect", x=x, y=y, width=18, height=18, fill=fill, stroke=QUIET_TEXT)
        drawing.add_text(words, x + 26, y + 14)
        y += LEGEND_ROW


def _write_range(low: float, high: float) -> str:
    return write_value(low) if low == high else f"{write_value(low)} to {write_value(high)}"
