"""One SVG being drawn. It goes into a page as it is, under a policy that allows neither script nor inline style.

So what a mark looks like stands in presentation attributes; all ids begin with the chart's name, since a page has
several charts; and it is built as a tree, so that whatever a text holds, what comes out is well-formed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from dashboard.charts.palette import GRID, GROUND, QUIET_TEXT, TEXT
from dashboard.rendering import format_number

FONT: Final = "Arial, Helvetica, sans-serif"
TEXT_SIZE: Final = 14
WIDE: Final = 640
NO_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Attribute = str | float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartText:
    """What is said of a chart.

    Attributes:
        name: its name on its page, a word of letters, digits and hyphens; ids in it begin so.
        title: what it shows, in one line; read out as its name.
        description: what there is to see in it, for whoever does not see it.
    """

    name: str
    title: str
    description: str


class Drawing:
    """An SVG of a size of its own; a page shows it so, smaller where there is less room, down to what can be read."""

    def __init__(self, text: ChartText, width: float, height: float, role: str = "img") -> None:
        self._name = text.name
        looks = "ledger-chart__drawing" + (" ledger-chart__drawing--wide" if width >= WIDE else "")
        self.root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": looks})
        said = {"aria-labelledby": self.name_id("title"), "aria-describedby": self.name_id("desc")}
        size = {"viewBox": f"0 0 {write_attribute(width)} {write_attribute(height)}", "width": write_attribute(width)}
        self.root.attrib.update(size | {"height": write_attribute(height), "role": role, "font-family": FONT} | said)
        for tag, words in (("title", text.title), ("desc", text.description)):
            self.add_mark(tag, id=self.name_id(tag)).text = clean_text(words)

    def name_id(self, part: str) -> str:
        """Name a part of this chart, for its page."""
        return f"{self._name}-{part}"

    def add_mark(self, tag: str, parent: Element | None = None, /, **attributes: Attribute) -> Element:
        """Add an element; ``stroke_width=2`` is written ``stroke-width="2"``."""
        written = {name.rstrip("_").replace("_", "-"): write_attribute(value) for name, value in attributes.items()}
        return SubElement(self.root if parent is None else parent, tag, written)

    def add_text(
        self, words: str, x: float, y: float, parent: Element | None = None, /, **attributes: Attribute
    ) -> Element:
        """Add a line of text."""
        chosen: dict[str, Attribute] = {"font_size": TEXT_SIZE, "fill": TEXT, **attributes}
        found = self.add_mark("text", parent, x=x, y=y, **chosen)
        found.text = clean_text(words)
        return found

    def add_group(self, hint: str | None = None, /, **attributes: Attribute) -> Element:
        """Add a group of marks, with what is shown when one points at it."""
        found = self.add_mark("g", **attributes)
        if hint is not None:
            self.add_mark("title", found).text = clean_text(hint)
        return found

    def add_line(
        self, places: tuple[float, float, float, float], parent: Element | None = None, /, **attributes: Attribute
    ) -> Element:
        """Add a straight line from one place to another."""
        x1, y1, x2, y2 = places
        chosen: dict[str, Attribute] = {"stroke": GRID, "stroke_width": 1, **attributes}
        return self.add_mark("line", parent, x1=x1, y1=y1, x2=x2, y2=y2, **chosen)

    def add_hatch(self, part: str, colour: str) -> str:
        """Add a pattern of slanted lines; what fills a mark with it."""
        pattern = self.add_mark(
            "pattern",
            id=self.name_id(part),
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        )
        self.add_mark("rect", pattern, width=6, height=6, fill=GROUND)
        self.add_mark("rect", pattern, width=2.5, height=6, fill=colour)
        return f"url(#{self.name_id(part)})"

    def add_axis_name(self, words: str, x: float, y: float, **attributes: Attribute) -> None:
        """Add the title of an axis, with its unit."""
        self.add_text(words, x, y, fill=QUIET_TEXT, **attributes)

    def add_legend(self, entries: Iterable[tuple[str, str, str]], y: float) -> None:
        """Add what marks mean, in a row from the left: fill, edge and words of each."""
        x = 0.0
        for fill, edge, words in entries:
            self.add_mark("rect", x=x + 1, y=y, width=18, height=14, fill=fill, stroke=edge)
            self.add_text(words, x + 26, y + 12)
            x += 26 + estimate_width(words) + 20

    def finish_drawing(self) -> Markup:
        """Write it as it goes into a page."""
        return Markup(tostring(self.root, encoding="unicode"))  # noqa: S704 - a tree escapes what it is given


def write_value(value: float) -> str:
    """Write a value for readers: a count without decimals."""
    return format_number(int(value) if float(value).is_integer() else value)


def estimate_width(words: str, size: float = TEXT_SIZE) -> float:
    """Estimate how wide a text is at most: there is no font here to measure it by."""
    return 0.58 * size * len(words)


def clean_text(words: str) -> str:
    """Clean a text of what no XML may hold, even escaped."""
    return NO_XML.sub("\ufffd", words)


def write_attribute(value: Attribute) -> str:
    """Write a value as SVG takes it: places to a hundredth."""
    return clean_text(value) if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
