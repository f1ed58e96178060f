"""What every chart has to be, read from it with a real XML parser."""

import re
from xml.etree.ElementTree import Element, fromstring

from markupsafe import Markup

from dashboard.charts.palette import GROUND, measure_contrast

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
