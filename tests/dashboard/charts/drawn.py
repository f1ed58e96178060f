"""What every chart has to be, read from it with a real XML parser."""

import re
from xml.etree.ElementTree import Element, fromstring

from markupsafe import Markup

from dashboard.charts.palette import GROUND

SVG = "{http://www.w3.org/2000/svg}"
EVENT = re.compile(r"^on", re.IGNORECASE)


def read_drawing(drawn: Markup) -> Element:
    """Read a chart that may stand in a page beside others, under a policy without inline script and style."""
    root = fromstring(str(drawn))  # noqa: S314 - it was drawn here, a line before
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert len(ids) == len(set(ids))
    name = ids[0].removesuffix("-title")
    assert ids[:2] == [f"{name}-title", f"{name}-desc"]
    assert all(one.startswith(f"{name}-") for one in ids)
    assert root.attrib["role"] in ("img", "group")
    assert (root.attrib["aria-labelledby"], root.attrib["aria-describedby"]) == (f"{name}-title", f"{name}-desc")
    assert [one.tag for one in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert all(one.text for one in root[:2])
    assert not list(root.iter(f"{SVG}style")) + list(root.iter(f"{SVG}script"))
    for one in root.iter():
        assert not [name for name in one.attrib if name == "style" or EVENT.match(name)]
    return root


def list_texts(root: Element, tag: str = "text") -> list[str]:
    """List what stands in elements of a kind."""
    return [one.text or "" for one in root.iter(f"{SVG}{tag}")]


def list_marks(root: Element, tag: str, **attributes: str) -> list[Element]:
    """List marks with these attributes."""
    return [
        one
        for one in root.iter(f"{SVG}{tag}")
        if all(one.attrib.get(name.replace("_", "-")) == value for name, value in attributes.items())
    ]


def has_contrast(colour: str, least: float = 3.0) -> bool:
    """Tell whether a mark of a colour is seen on the ground."""
    return measure_contrast(colour, GROUND) >= least


def measure_contrast(one: str, other: str) -> float:
    """Measure the contrast of two colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_measure_luminance(one), _measure_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _measure_luminance(colour: str) -> float:
    red, green, blue = (_weigh_channel(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _weigh_channel(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
